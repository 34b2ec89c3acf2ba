import type { Biquad } from './k-weighting.js';

/** Qualities of the two sections of a Butterworth filter of order 4. */
const qualities = [1 / (2 * Math.cos(Math.PI / 8)), 1 / (2 * Math.cos((3 * Math.PI) / 8))] as const;
/** Below this a filter's memory is silence; left alone it decays into denormal numbers, which cost a hundred times the time. */
const silentState = 1e-30;

/**
 * High-pass of one channel, streaming: Butterworth of order 4 (-3 dB at its frequency, 24 dB for each octave below), without phase
 * correction. It begins as if the first sample had always been there, so that an offset makes no thump.
 * @see Oppenheim and Schafer, Discrete-Time Signal Processing, 3rd edition, 7.2.2 (bilinear transform) and appendix B.1
 */
export class HighPass {
  readonly #sections: readonly Biquad[];
  /** two delays of each section, transposed direct form II */
  readonly #state = new Float64Array(2 * qualities.length);
  #begun = false;

  /** @param cutoffHz  above 0, below half the sample rate */
  constructor(cutoffHz: number, sampleRateHz: number) {
    const k = Math.tan((Math.PI * cutoffHz) / sampleRateHz);
    this.#sections = qualities.map((quality) => {
      const a0 = 1 + k / quality + k * k;
      return {
        ...{ b0: 1 / a0, b1: -2 / a0, b2: 1 / a0 },
        ...{ a1: (2 * (k * k - 1)) / a0, a2: (1 - k / quality + k * k) / a0 },
      };
    });
  }

  /**
   * @param samples  the next ones; not modified
   * @returns as many, filtered; a new array
   */
  push(samples: Float32Array): Float32Array {
    const filtered = samples.slice();
    if (!this.#begun && samples.length > 0) this.#settle(samples[0]!);
    this.#sections.forEach((section, at) => this.#run(section, 2 * at, filtered));
    return filtered;
  }

  /** The state after `value` for ever: nothing passes the first section, so that the others are at rest. */
  #settle(value: number): void {
    const { b0, b2 } = this.#sections[0]!;
    this.#state[0] = -b0 * value;
    this.#state[1] = b2 * value;
    this.#begun = true;
  }

  #run({ b0, b1, b2, a1, a2 }: Biquad, at: number, samples: Float32Array): void {
    let s1 = this.#state[at]!;
    let s2 = this.#state[at + 1]!;
    for (let n = 0; n < samples.length; n++) {
      const x = samples[n]!;
      const y = b0 * x + s1;
      s1 = b1 * x - a1 * y + s2;
      s2 = b2 * x - a2 * y;
      samples[n] = y;
    }
    this.#state[at] = Math.abs(s1) < silentState ? 0 : s1;
    this.#state[at + 1] = Math.abs(s2) < silentState ? 0 : s2;
  }
}
