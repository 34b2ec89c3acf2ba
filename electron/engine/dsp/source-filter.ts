import { openRealFft } from './open-real-fft.js';
import { PulseTrain, pulseReach, referenceRateHz } from './pulse-train.js';
import type { RealFft } from './real-fft.js';

/** Frames of filters every second. */
export const filterFramesPerSecond = 100;
/** Bins of one filter, from 0 Hz on; nothing is made above the last one. */
export const filterBins = 480;
/** Distance of two bins of a filter. */
export const filterBinHz = 25;
/** Sum of the squared periodic Hann window at a hop of a quarter. */
const overlap = 1.5;
/** Frames that wait for their sources: a pulse may begin 1 ms before the sample that completes it, and a frame reaches two hops ahead. */
const heldFrames = 8;

/** Next value of the noise, even over -1 to below 1; called once for every sample, in order. */
export type NoiseSource = () => number;

/** What a {@link SourceFilter} is made for. */
export interface SourceFilterFormat {
  readonly sampleRateHz: number;
  /** nothing is made from here on; all that the filters have when missing */
  readonly highestHz?: number;
}

/** @returns whether frames of 10 ms are whole samples at this rate, which {@link SourceFilter} needs */
export function hasFilterFrames(sampleRateHz: number): boolean {
  return Number.isInteger(sampleRateHz / filterFramesPerSecond) && sampleRateHz % (2 * filterBinHz) === 0;
}

/**
 * Speech as a source through a filter: pulses and noise, shaped every 10 ms by filters of 480 bins of 25 Hz, at any rate of which
 * 10 ms are whole samples. Frame t is centred on sample t * hop; memory does not grow, and one result comes of any division.
 *
 * The algorithm is, step by step, that of `native-models/common/sotto_models/voice/source_filter.py` and `source_filter_stream.py`,
 * whose golden files are tested here. Phases are float64, sources and spectra float32.
 */
export class SourceFilter {
  readonly #size: number;
  readonly #hop: number;
  readonly #bins: number;
  readonly #fft: RealFft;
  readonly #noiseSource: NoiseSource;
  readonly #noiseLevel: number;
  readonly #train: PulseTrain;
  readonly #reach: number;
  readonly #window: Float32Array;
  /** window / (size * overlap): undoes the transform's own factor as well */
  readonly #synthesisWindow: Float32Array;
  readonly #f0Hz = new Float64Array(heldFrames);
  /** per held frame: log harmonic, phase, log aperiodic, [3 * filterBins] */
  readonly #filters = Array.from({ length: heldFrames }, () => new Float32Array(3 * filterBins));
  /** samples from number `#origin` on */
  readonly #pulses: Float32Array;
  readonly #noise: Float32Array;
  readonly #output: Float32Array;
  readonly #windowed: Float32Array;
  readonly #pulseSpectrum: Float32Array;
  readonly #noiseSpectrum: Float32Array;
  #origin: number;
  #received = 0;
  #drawn = 0;
  #shaped = -1;
  #given = 0;

  private constructor(fft: RealFft, { sampleRateHz, highestHz }: SourceFilterFormat, noise: NoiseSource) {
    const size = fft.size;
    this.#size = size;
    this.#hop = size / 4;
    const wanted = Math.ceil((highestHz ?? sampleRateHz / 2) / filterBinHz);
    this.#bins = Math.min(filterBins, size / 2, wanted);
    this.#fft = fft;
    this.#noiseSource = noise;
    this.#noiseLevel = Math.sqrt((3 * sampleRateHz) / referenceRateHz);
    this.#train = new PulseTrain(sampleRateHz);
    this.#reach = pulseReach(sampleRateHz);
    const hann = Float64Array.from(
      { length: size },
      (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size),
    );
    this.#window = Float32Array.from(hann);
    this.#synthesisWindow = Float32Array.from(hann, (value) => value / (size * overlap));
    const capacity = (heldFrames + 6) * this.#hop;
    [this.#pulses, this.#noise, this.#output] = [0, 1, 2].map(() => new Float32Array(capacity)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    this.#windowed = new Float32Array(size);
    this.#pulseSpectrum = new Float32Array(size + 2);
    this.#noiseSpectrum = new Float32Array(size + 2);
    this.#origin = -3 * this.#hop;
  }

  /** @throws RangeError where {@link hasFilterFrames} says no: rates are chosen by our own code */
  static async open(format: SourceFilterFormat, noise: NoiseSource): Promise<SourceFilter> {
    const { sampleRateHz } = format;
    if (!hasFilterFrames(sampleRateHz)) {
      throw new RangeError(`Expected a sample rate that is a multiple of 100 Hz, found ${sampleRateHz} Hz.`);
    }
    return new SourceFilter(await openRealFft(sampleRateHz / filterBinHz), format, noise);
  }

  /**
   * Takes the next frame.
   * @param f0Hz     0 where unvoiced
   * @param filters  [3 * 480]: ln of the magnitude of the pulses' filter, its phase in radians, ln of that of the noise's; copied
   * @returns the samples that are final by it, [0 or hop]; a new array
   */
  push(f0Hz: number, filters: Float32Array): Float32Array {
    const place = this.#received % heldFrames;
    this.#f0Hz[place] = f0Hz;
    this.#filters[place]!.set(filters);
    this.#received++;
    // The newest frame's F0 reaches back to the middle between it and its neighbour, and interpolates on the way to it.
    this.#generate((this.#received - 1) * this.#hop);
    while (this.#shaped * this.#hop + this.#size / 2 <= this.#drawn - this.#reach - 1) this.#shape();
    return this.#give(Math.max(this.#given, this.#shaped * this.#hop - this.#size / 2));
  }

  /**
   * @param samples  how many there are to be in all; more than one frame less than those pushed cover, at most what they cover
   * @returns those that were not given yet
   * @throws RangeError when the frames do not fit
   */
  finish(samples: number): Float32Array {
    const most = this.#received * this.#hop;
    if (!(samples > most - this.#hop && samples <= most)) {
      throw new RangeError(
        `Expected ${this.#received} frames to make up to ${most} samples, found ${samples}.`,
      );
    }
    this.#generate(samples);
    this.#pulses.fill(0, samples - this.#origin);
    while (this.#shaped <= this.#received + 1) this.#shape();
    return this.#give(samples);
  }

  /** Frees the transform; may be called more than once. */
  close(): void {
    this.#fft.close();
  }

  #place(frame: number): number {
    return Math.min(Math.max(frame, 0), this.#received - 1) % heldFrames;
  }

  /** Draws sources up to a sample, not included. */
  #generate(until: number): void {
    const hop = this.#hop;
    for (let n = this.#drawn; n < until; n++) {
      this.#noise[n - this.#origin] = this.#noiseLevel * this.#noiseSource();
      const before = Math.floor(n / hop);
      const nearest = this.#f0Hz[this.#place(Math.floor(n / hop + 0.5))]!;
      if (nearest <= 0) {
        this.#train.rest();
        continue;
      }
      const a = this.#f0Hz[this.#place(before)]!;
      const b = this.#f0Hz[this.#place(before + 1)]!;
      const f0Hz = a > 0 && b > 0 ? a + (n / hop - before) * (b - a) : nearest;
      this.#train.advance(f0Hz, n, this.#pulses, this.#origin);
    }
    this.#drawn = Math.max(this.#drawn, until);
  }

  /** Filters the next frame and adds it to the output. */
  #shape(): void {
    const first = this.#shaped * this.#hop - this.#size / 2 - this.#origin;
    const filters = this.#filters[this.#place(this.#shaped)]!;
    const spectrum = this.#noiseSpectrum;
    this.#transform(this.#noise, first, spectrum);
    for (let k = 0; k < this.#bins; k++) {
      const gain = Math.exp(filters[2 * filterBins + k]!);
      spectrum[2 * k]! *= gain;
      spectrum[2 * k + 1]! *= gain;
    }
    spectrum.fill(0, 2 * this.#bins);
    // Between words there are no pulses for most frames.
    if (this.#transform(this.#pulses, first, this.#pulseSpectrum)) this.#addPulses(filters, spectrum);
    this.#fft.inverse(spectrum, this.#windowed);
    for (let n = 0; n < this.#size; n++) {
      this.#output[first + n]! += this.#windowed[n]! * this.#synthesisWindow[n]!;
    }
    this.#shaped++;
  }

  #addPulses(filters: Float32Array, spectrum: Float32Array): void {
    const pulses = this.#pulseSpectrum;
    for (let k = 0; k < this.#bins; k++) {
      const gain = Math.exp(filters[k]!);
      const cos = gain * Math.cos(filters[filterBins + k]!);
      const sin = gain * Math.sin(filters[filterBins + k]!);
      spectrum[2 * k]! += pulses[2 * k]! * cos - pulses[2 * k + 1]! * sin;
      spectrum[2 * k + 1]! += pulses[2 * k]! * sin + pulses[2 * k + 1]! * cos;
    }
  }

  /** @returns false where there is nothing but zeros; `spectrum` is then left as it was */
  #transform(source: Float32Array, first: number, spectrum: Float32Array): boolean {
    let any = false;
    for (let n = 0; n < this.#size; n++) {
      const value = source[first + n]!;
      any ||= value !== 0;
      this.#windowed[n] = value * this.#window[n]!;
    }
    if (any) this.#fft.forward(this.#windowed, spectrum);
    else if (source === this.#noise) spectrum.fill(0);
    return any;
  }

  /** Gives out what no later frame touches, and drops what none needs. */
  #give(ready: number): Float32Array {
    const given = this.#output.slice(this.#given - this.#origin, ready - this.#origin);
    this.#given = ready;
    const keep = Math.min(this.#shaped * this.#hop - this.#size / 2, ready);
    const drop = keep - this.#origin;
    if (drop > 0) {
      for (const samples of [this.#pulses, this.#noise, this.#output]) {
        samples.copyWithin(0, drop);
        samples.fill(0, samples.length - drop);
      }
      this.#origin = keep;
    }
    return given;
  }
}
