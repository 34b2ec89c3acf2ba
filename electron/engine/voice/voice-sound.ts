import { SincInterpolator } from '../dsp/sinc-interpolator.js';
import { filterFramesPerSecond, hasFilterFrames, SourceFilter } from '../dsp/source-filter.js';
import { Xorshift } from '../dsp/xorshift.js';

/** Rates above it, and those without whole frames, are interpolated from it: it holds twice what the filters make. */
const fullRateHz = 48_000;
/** Of half the sample rate: what is left above lets the windows of the synthesis fade without aliasing. */
const usedShare = 0.97;

/** The source-filter at any sample rate. Sample n lies at n / rate, frame t at t * 10 ms. */
export class VoiceSound {
  readonly #rate: number;
  readonly #filter: SourceFilter;
  readonly #filterRate: number;
  readonly #interpolator: SincInterpolator | undefined;

  private constructor(rate: number, filter: SourceFilter, filterRate: number) {
    this.#rate = rate;
    this.#filter = filter;
    this.#filterRate = filterRate;
    this.#interpolator = rate === filterRate ? undefined : new SincInterpolator(filterRate, rate);
  }

  /** @param seed  of the noise; 32 bits, not 0 */
  static async open(sampleRateHz: number, seed: number): Promise<VoiceSound> {
    const random = new Xorshift(seed);
    const direct = sampleRateHz <= fullRateHz && hasFilterFrames(sampleRateHz);
    const filterRate = direct ? sampleRateHz : fullRateHz;
    const limits = direct ? {} : { highestHz: (usedShare * sampleRateHz) / 2 };
    const filter = await SourceFilter.open({ sampleRateHz: filterRate, ...limits }, () => random.next());
    return new VoiceSound(sampleRateHz, filter, filterRate);
  }

  /** @returns frames that must have been pushed before `finish(samples)` */
  framesFor(samples: number): number {
    return Math.ceil((this.#filterSamples(samples) * filterFramesPerSecond) / this.#filterRate);
  }

  /** @see SourceFilter.push */
  push(f0Hz: number, filters: Float32Array): Float32Array {
    const made = this.#filter.push(f0Hz, filters);
    return this.#interpolator ? this.#interpolator.push(made) : made;
  }

  /** @returns what is missing of `samples` in all; {@link framesFor} frames were pushed */
  finish(samples: number): Float32Array {
    if (samples === 0) return new Float32Array(0);
    const made = this.#filter.finish(this.#filterSamples(samples));
    if (!this.#interpolator) return made;
    const before = this.#interpolator.push(made);
    const rest = this.#interpolator.finish(samples);
    const joined = new Float32Array(before.length + rest.length);
    joined.set(before);
    joined.set(rest, before.length);
    return joined;
  }

  /** Frees the transform; may be called more than once. */
  close(): void {
    this.#filter.close();
  }

  /** Up to the last sample of the result; what the interpolation sees behind it are zeros, as behind any end. */
  #filterSamples(samples: number): number {
    return Math.ceil((samples * this.#filterRate) / this.#rate);
  }
}
