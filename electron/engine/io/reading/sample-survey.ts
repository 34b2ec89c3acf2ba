import type { Finding } from '../../../contract/audio-format.js';
import type { PlanarSamples } from '../../dsp/planar.js';

/** Consecutive samples at full scale that count as clipping: one or two also happen in healthy recordings. */
const clippedRunSamples = 3;

/** @see SampleSurvey */
export interface SurveyOptions {
  /** bits of integer sources: their largest value is 1 - 2^-(bits-1); null for floating-point and lossy ones */
  readonly integerBits: number | null;
  /** turns NaN and infinities into 0 instead of only counting them */
  readonly replaceNonFinite: boolean;
}

/** Looks at every sample once: silence, clipping, values that are not numbers. */
export class SampleSurvey {
  readonly #options: SurveyOptions;
  readonly #clipLevel: number;
  /** for each channel, samples at full scale up to now without a gap; sign tells the side */
  readonly #runs: number[] = [];
  #sounding = false;
  #nonFinite = 0;
  #clippedSamples = 0;
  #clippedRuns = 0;

  constructor(options: SurveyOptions) {
    this.#options = options;
    this.#clipLevel = options.integerBits === null ? 1 : 1 - 2 ** (1 - options.integerBits);
  }

  /** @param block  planar, [channels][frames], in order; changed only where `replaceNonFinite` says so */
  look(block: PlanarSamples): void {
    block.forEach((samples, channel) => {
      const peak = samples instanceof Float32Array ? peakOf32(samples) : peakOf64(samples);
      const finite = Number.isFinite(peak);
      if (!finite) this.#countNonFinite(samples);
      if (peak > 0 || (!finite && samples.some((value) => Math.abs(value) > 0))) this.#sounding = true;
      // The peak alone clears almost every block, so the slow way is rarely taken.
      if (!finite || peak >= this.#clipLevel) this.#countClipped(samples, channel);
      else this.#runs[channel] = 0;
    });
  }

  /** @returns what was found in everything looked at */
  findings(): Finding[] {
    const findings: Finding[] = [];
    if (this.#nonFinite > 0) {
      const done = this.#options.replaceNonFinite
        ? 'They were replaced by silence.'
        : 'They were kept as they are.';
      findings.push({
        code: 'NON_FINITE',
        message: `Expected numbers, found ${this.#nonFinite} samples that are not (NaN or infinite). ${done}`,
      });
    }
    if (this.#clippedRuns > 0) {
      findings.push({
        code: 'CLIPPED',
        message:
          `Expected peaks below full scale, found ${this.#clippedSamples} clipped samples in ${this.#clippedRuns} ${this.#clippedRuns === 1 ? 'place' : 'places'}. ` +
          'What was cut off there cannot be brought back.',
      });
    }
    if (!this.#sounding) {
      findings.push({
        code: 'SILENT',
        message:
          'Expected sound, found that every sample is zero. Check that this is the right recording or channel.',
      });
    }
    return findings;
  }

  #countNonFinite(samples: Float32Array | Float64Array): void {
    for (let i = 0; i < samples.length; i++) {
      if (Number.isFinite(samples[i])) continue;
      this.#nonFinite++;
      if (this.#options.replaceNonFinite) samples[i] = 0;
    }
  }

  #countClipped(samples: Float32Array | Float64Array, channel: number): void {
    const level = this.#clipLevel;
    let run = this.#runs[channel] ?? 0;

    for (let i = 0; i < samples.length; i++) {
      const value = samples[i]!;
      const side = value >= level ? 1 : value <= -level ? -1 : 0;
      if (side === 0 || !Number.isFinite(value)) {
        run = 0;
        continue;
      }
      run = run * side > 0 ? run + side : side;
      const length = Math.abs(run);
      if (length === clippedRunSamples) {
        this.#clippedRuns++;
        this.#clippedSamples += clippedRunSamples;
      } else if (length > clippedRunSamples) {
        this.#clippedSamples++;
      }
    }
    this.#runs[channel] = run;
  }
}

/** @returns the largest magnitude; not finite when any sample is not */
function peakOf32(samples: Float32Array): number {
  // Without the sign bit, the bit patterns of floats order like their magnitudes, NaN above all: one integer comparison each.
  const patterns = new Int32Array(samples.buffer, samples.byteOffset, samples.length);
  const magnitude = 0x7fffffff;
  // Four at a time: one chain of comparisons would wait for itself (measured: 0.8 instead of 1.2 ns a sample).
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = patterns.length - (patterns.length % 4);
  for (let i = 0; i < whole; i += 4) {
    const p = patterns[i]! & magnitude;
    const q = patterns[i + 1]! & magnitude;
    const r = patterns[i + 2]! & magnitude;
    const s = patterns[i + 3]! & magnitude;
    if (p > a) a = p;
    if (q > b) b = q;
    if (r > c) c = r;
    if (s > d) d = s;
  }
  for (let i = whole; i < patterns.length; i++) a = Math.max(a, patterns[i]! & magnitude);
  return new Float32Array(Int32Array.of(Math.max(a, b, c, d)).buffer)[0]!;
}

function peakOf64(samples: Float64Array): number {
  let largest = 0;
  let spoilt = 0;

  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    const magnitude = value < 0 ? -value : value;
    if (magnitude > largest) largest = magnitude;
    spoilt += value * 0; // stays 0 for numbers, becomes NaN for everything else
  }
  return spoilt === 0 ? largest : Number.NaN;
}
