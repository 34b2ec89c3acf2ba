/**
 * White-noise correction: the predictor is fitted as if noise 50 dB below the frame's power lay under it. It keeps the recursion
 * well conditioned where a codec or a telephone left part of the band empty, and it limits how far the envelope can fall there.
 */
const noiseFloor = 1e-5;

/**
 * Levinson-Durbin recursion: the linear predictor of a signal with this autocorrelation.
 * @param autocorrelation  [order + 1], lag 0 first; not modified
 * @param coefficients     [order + 1], receives a of A(z) = 1 + a1 z^-1 + ... ; with a valid autocorrelation all roots lie inside the
 *                         unit circle
 * @returns the power of the prediction error; 0, with A = 1, where there is nothing to predict
 * @see Makhoul 1975, "Linear prediction: a tutorial review", https://doi.org/10.1109/PROC.1975.9792
 */
export function levinsonDurbin(autocorrelation: Float64Array, coefficients: Float64Array): number {
  coefficients.fill(0);
  coefficients[0] = 1;
  let error = autocorrelation[0]!;
  if (!(error > 0)) return 0;
  for (let m = 1; m < coefficients.length; m++) {
    let sum = autocorrelation[m]!;
    for (let i = 1; i < m; i++) sum += coefficients[i]! * autocorrelation[m - i]!;
    const reflection = -sum / error;
    // In pairs from both ends, so that no second array is needed.
    for (let i = 1; 2 * i <= m; i++) {
      const low = coefficients[i]!;
      const high = coefficients[m - i]!;
      coefficients[i] = low + reflection * high;
      coefficients[m - i] = high + reflection * low;
    }
    coefficients[m] = reflection;
    error *= 1 - reflection * reflection;
  }
  return error;
}

/**
 * All-pole envelope of the lower part of a power spectrum, as if that part were all there is ("selective linear prediction"): bin 0
 * is angle 0 and the last bin of the part is angle pi. So the model is the same whatever the sample rate of the recording.
 */
export class BandPredictor {
  readonly #order: number;
  readonly #bins: number;
  /** cos(lag * angle of bin), [order + 1][bins] */
  readonly #cosines: Float64Array;
  readonly #autocorrelation: Float64Array;
  readonly #coefficients: Float64Array;

  /**
   * @param bins   of the band, from 0 up to and including its edge; at least 2
   * @param order  poles
   */
  constructor(bins: number, order: number) {
    this.#order = order;
    this.#bins = bins;
    const angles = Float64Array.from({ length: bins }, (_, k) => (Math.PI * k) / (bins - 1));
    this.#cosines = cosineTable(order, angles);
    this.#autocorrelation = new Float64Array(order + 1);
    this.#coefficients = new Float64Array(order + 1);
  }

  /** A(z) of the last fit, [order + 1]; borrowed, overwritten by the next. */
  get coefficients(): Float64Array {
    return this.#coefficients;
  }

  /**
   * @param power       [bins or more], at least 0, finite; not modified
   * @param correlated  [order + 1], receives the autocorrelation of the coefficients, for {@link inversePower}
   * @returns false where the band is silent: A = 1
   */
  fit(power: Float32Array, correlated: Float64Array): boolean {
    const bins = this.#bins;
    const lags = this.#autocorrelation;
    for (let lag = 0; lag <= this.#order; lag++) {
      const row = lag * bins;
      // The spectrum's two edges have no mirror image.
      let sum = 0.5 * (power[0]! + power[bins - 1]! * this.#cosines[row + bins - 1]!);
      for (let k = 1; k < bins - 1; k++) sum += power[k]! * this.#cosines[row + k]!;
      lags[lag] = sum;
    }
    lags[0]! *= 1 + noiseFloor;
    const error = levinsonDurbin(lags, this.#coefficients);
    const a = this.#coefficients;
    for (let lag = 0; lag < a.length; lag++) {
      let sum = 0;
      for (let i = lag; i < a.length; i++) sum += a[i]! * a[i - lag]!;
      correlated[lag] = sum;
    }
    return error > 0;
  }
}

/**
 * @param angles  radians, [count]
 * @returns cos(lag * angle), [order + 1][count]
 */
export function cosineTable(order: number, angles: Float64Array): Float64Array {
  const table = new Float64Array((order + 1) * angles.length);
  for (let lag = 0; lag <= order; lag++) {
    const row = lag * angles.length;
    for (let k = 0; k < angles.length; k++) table[row + k] = Math.cos(lag * angles[k]!);
  }
  return table;
}

/**
 * |A|^2 at the angles of `cosines`: the inverse of the envelope's power, up to its gain.
 * @param correlated  [order + 1], from {@link BandPredictor.fit}
 * @param cosines     [order + 1][count], from {@link cosineTable}
 * @param result      [count], overwritten; above 0
 */
export function inversePower(correlated: Float64Array, cosines: Float64Array, result: Float64Array): void {
  const count = result.length;
  result.fill(correlated[0]!);
  for (let lag = 1; lag < correlated.length; lag++) {
    const twice = 2 * correlated[lag]!;
    const row = lag * count;
    for (let k = 0; k < count; k++) result[k]! += twice * cosines[row + k]!;
  }
  // Rounding may take a sharp resonance below zero, which no power is.
  const least = 1e-12 * correlated[0]!;
  for (let k = 0; k < count; k++) if (!(result[k]! > least)) result[k] = least;
}
