/** One second-order section, a0 = 1: y = b0 x + b1 x' + b2 x'' - a1 y' - a2 y''. */
export interface Biquad {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/**
 * The two filters of the K-weighting for any sample rate: a high shelf (the head) and a high-pass (the ear's low end).
 *
 * The recommendation gives coefficients for 48 kHz only. Taken back through the bilinear transform they are the analogue filters
 * with the constants below, which are put on another rate by the same transform; at 48 kHz the table comes out to 1e-9.
 * @see ITU-R BS.1770-5, annex 1, tables 1 and 2
 */
export function kWeighting(sampleRateHz: number): readonly [shelf: Biquad, highPass: Biquad] {
  return [shelf(sampleRateHz), highPass(sampleRateHz)];
}

function shelf(sampleRateHz: number): Biquad {
  const quality = 0.7071752369554196;
  const highGain = 10 ** (3.999843853973347 / 20);
  const bandGain = highGain ** 0.4996667741545416;
  const k = Math.tan((Math.PI * 1681.974450955533) / sampleRateHz);
  const a0 = 1 + k / quality + k * k;
  return {
    b0: (highGain + (bandGain * k) / quality + k * k) / a0,
    b1: (2 * (k * k - highGain)) / a0,
    b2: (highGain - (bandGain * k) / quality + k * k) / a0,
    a1: (2 * (k * k - 1)) / a0,
    a2: (1 - k / quality + k * k) / a0,
  };
}

function highPass(sampleRateHz: number): Biquad {
  const quality = 0.5003270373238773;
  const k = Math.tan((Math.PI * 38.13547087602444) / sampleRateHz);
  const a0 = 1 + k / quality + k * k;
  return { b0: 1, b1: -2, b2: 1, a1: (2 * (k * k - 1)) / a0, a2: (1 - k / quality + k * k) / a0 };
}

/** Below this a filter's memory is silence; left alone it decays into denormal numbers, which cost a hundred times the time. */
const silentState = 1e-30;

/** K-weighted energy of one channel, streaming. */
export class KWeightedChannel {
  readonly #shelf: Biquad;
  readonly #highPass: Biquad;
  /** two delays of each section, transposed direct form II: shelf, shelf, high-pass, high-pass */
  readonly #state = new Float64Array(4);

  constructor(sampleRateHz: number) {
    [this.#shelf, this.#highPass] = kWeighting(sampleRateHz);
  }

  /**
   * @param samples  the channel's next samples; not modified
   * @returns sum of the squared K-weighted samples `from` up to `to`
   */
  energy(samples: Float32Array | Float64Array, from: number, to: number): number {
    const { b0, b1, b2, a1, a2 } = this.#shelf;
    const { a1: c1, a2: c2 } = this.#highPass;
    const state = this.#state;
    let s1 = state[0]!;
    let s2 = state[1]!;
    let h1 = state[2]!;
    let h2 = state[3]!;
    let sum = 0;
    for (let n = from; n < to; n++) {
      const x = samples[n]!;
      const y = b0 * x + s1;
      s1 = b1 * x - a1 * y + s2;
      s2 = b2 * x - a2 * y;
      // The high-pass has the numerator 1, -2, 1.
      const z = y + h1;
      h1 = h2 - 2 * y - c1 * z;
      h2 = y - c2 * z;
      sum += z * z;
    }
    state[0] = s1;
    state[1] = s2;
    state[2] = h1;
    state[3] = h2;
    for (let i = 0; i < state.length; i++) if (Math.abs(state[i]!) < silentState) state[i] = 0;
    return sum;
  }
}
