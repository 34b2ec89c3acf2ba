import { KWeightedChannel } from './k-weighting.js';
import { frameCount, type PlanarSamples } from './planar.js';

/** Blocks of 400 ms start every 100 ms: 75 % overlap. */
const stepsPerSecond = 10;
const absoluteGateLufs = -70;
const relativeGateLu = -10;
/** Shorter recordings hold too few blocks for a gate to mean anything. */
const shortestGatedSeconds = 3;

/** K-weighted power of a whole stream and of its 400 ms blocks; powers are channel-weighted mean squares. */
export interface LoudnessBlocks {
  /** one value per 400 ms block, every 100 ms; empty below 400 ms */
  readonly blockPowers: Float64Array;
  /** mean over every sample frame, none gated; 0 without samples */
  readonly meanPower: number;
  readonly seconds: number;
  /** time from the start of one block to that of the next: 100 ms, to the nearest sample */
  readonly stepSeconds: number;
}

/** Length of a block in steps. */
export const stepsPerBlock = 4;

/** Levels of two streams over the same blocks, in LUFS; null for silence. */
export interface MatchedLoudness {
  readonly rawLufs: number | null;
  readonly resultLufs: number | null;
  readonly method: 'speech' | 'gated' | 'ungated';
}

/**
 * Channel weights by position: front 1, low-frequency effects 0, side and rear-left/right of 5.1 10^(1.5/10).
 * Positions are assumed from the count (mono, stereo, 3.0, quad, 5.0, 5.1, 6.1, 7.1 in WAVE order); from nine channels on all count alike.
 * @see ITU-R BS.1770-5, annex 1 table 3 and annex 3 table 4
 */
export function channelWeights(channels: number): readonly number[] {
  const surround = 10 ** 0.15;
  const layouts: readonly (readonly number[])[] = [
    [],
    [1],
    [1, 1],
    [1, 1, 1],
    [1, 1, surround, surround],
    [1, 1, 1, surround, surround],
    [1, 1, 1, 0, surround, surround],
    [1, 1, 1, 0, 1, surround, surround],
    [1, 1, 1, 0, 1, 1, surround, surround],
  ];
  return layouts[channels] ?? Array.from({ length: channels }, () => 1);
}

/** @returns loudness in LUFS of a channel-weighted mean square; -Infinity for 0 */
export function lufs(power: number): number {
  return -0.691 + 10 * Math.log10(power);
}

/** Measures K-weighted power while a stream passes. */
export class LoudnessMeter {
  readonly #sampleRateHz: number;
  readonly #channels: readonly { weight: number; filter: KWeightedChannel }[];
  readonly #stepFrames: number;
  /** weighted energy of each finished 100 ms */
  readonly #steps = new GrowingFloats();
  #stepEnergy = 0;
  #stepFilled = 0;
  #totalEnergy = 0;
  #frames = 0;

  constructor(sampleRateHz: number, channels: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#channels = channelWeights(channels).map((weight) => ({
      weight,
      filter: new KWeightedChannel(sampleRateHz),
    }));
    this.#stepFrames = Math.max(1, Math.round(sampleRateHz / stepsPerSecond));
  }

  /** @param block  planar, [channels][frames], full scale +-1, finite; not modified */
  push(block: PlanarSamples): void {
    const frames = frameCount(block);
    for (let at = 0; at < frames;) {
      const end = Math.min(frames, at + this.#stepFrames - this.#stepFilled);
      for (let channel = 0; channel < this.#channels.length; channel++) {
        const { weight, filter } = this.#channels[channel]!;
        if (weight > 0) this.#stepEnergy += weight * filter.energy(block[channel]!, at, end);
      }
      this.#stepFilled += end - at;
      at = end;
      if (this.#stepFilled === this.#stepFrames) this.#finishStep();
    }
    this.#frames += frames;
  }

  /** @returns what was measured so far; the meter may go on */
  blocks(): LoudnessBlocks {
    const steps = this.#steps.values;
    const blockPowers = new Float64Array(Math.max(0, steps.length - stepsPerBlock + 1));
    for (let i = 0; i < blockPowers.length; i++) {
      let energy = 0;
      for (let step = i; step < i + stepsPerBlock; step++) energy += steps[step]!;
      blockPowers[i] = energy / (stepsPerBlock * this.#stepFrames);
    }
    const totalEnergy = this.#totalEnergy + this.#stepEnergy;
    return {
      blockPowers,
      meanPower: this.#frames === 0 ? 0 : totalEnergy / this.#frames,
      seconds: this.#frames / this.#sampleRateHz,
      stepSeconds: this.#stepFrames / this.#sampleRateHz,
    };
  }

  #finishStep(): void {
    this.#steps.push(this.#stepEnergy);
    this.#totalEnergy += this.#stepEnergy;
    this.#stepEnergy = 0;
    this.#stepFilled = 0;
  }
}

/**
 * Integrated loudness of one stream: blocks above -70 LUFS and above 10 LU below their mean.
 * @returns LUFS; null when no block is loud enough, or there are none
 */
export function integratedLoudness(blocks: LoudnessBlocks): number | null {
  return meanLufs(blocks.blockPowers, gate(blocks.blockPowers));
}

/**
 * Loudness of raw and result over the same blocks, so that the difference is the gain to match and not a change of what counts
 * as speech: a stage that takes out noise would otherwise move the gate itself. The gate is the result's.
 * Where the result has no audible block the raw one is measured by its own gate. Below 3 s nothing is gated.
 * Streams of one recording, equally long; surplus blocks of the longer one are left out.
 * @param speech  1 for every block in which somebody speaks; these count then and no others. Null where nobody knows
 */
export function matchedLoudness(
  raw: LoudnessBlocks,
  result: LoudnessBlocks,
  speech: Uint8Array | null = null,
): MatchedLoudness {
  if (Math.min(raw.seconds, result.seconds) < shortestGatedSeconds) {
    return {
      rawLufs: finiteOrNull(lufs(raw.meanPower)),
      resultLufs: finiteOrNull(lufs(result.meanPower)),
      method: 'ungated',
    };
  }
  if (speech !== null) {
    const [rawLufs, resultLufs] = [meanLufs(raw.blockPowers, speech), meanLufs(result.blockPowers, speech)];
    return { rawLufs, resultLufs, method: 'speech' };
  }
  const resultGate = gate(result.blockPowers);
  const resultLufs = meanLufs(result.blockPowers, resultGate);
  const rawGate = resultLufs === null ? gate(raw.blockPowers) : resultGate;
  return { rawLufs: meanLufs(raw.blockPowers, rawGate), resultLufs, method: 'gated' };
}

/** @returns 1 for every block that counts */
function gate(powers: Float64Array): Uint8Array {
  const audible = Uint8Array.from(powers, (power) => (lufs(power) > absoluteGateLufs ? 1 : 0));
  const relativeGateLufs = lufs(meanPower(powers, audible)) + relativeGateLu;
  return audible.map((counts, i) => (counts === 1 && lufs(powers[i]!) > relativeGateLufs ? 1 : 0));
}

function meanPower(powers: Float64Array, counts: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < Math.min(powers.length, counts.length); i++) {
    if (counts[i] === 0) continue;
    sum += powers[i]!;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

function meanLufs(powers: Float64Array, counts: Uint8Array): number | null {
  return finiteOrNull(lufs(meanPower(powers, counts)));
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Numbers that arrive one at a time for hours: ten a second, without boxing. */
class GrowingFloats {
  #values = new Float64Array(1024);
  #length = 0;

  get values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }
}
