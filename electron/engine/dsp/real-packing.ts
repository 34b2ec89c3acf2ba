/**
 * A real signal as a complex one of half its length, even samples as real parts and odd ones as imaginary: one complex transform
 * of that length, and the split here, make the real transform.
 * Let Z be the packed spectrum, E and O those of the even and the odd samples: Z[k] = E[k] + i O[k], and
 * X[k] = E[k] + exp(-2 pi i k / size) O[k].
 */
export class RealPacking {
  readonly #half: number;
  /** exp(-2 pi i k / size), interleaved, [half + 1] */
  readonly #twiddle: Float32Array;

  /** @param size  of the real transform; even, >= 2 */
  constructor(size: number) {
    this.#half = size / 2;
    this.#twiddle = unitCircle(this.#half + 1, (k) => k / size);
  }

  /**
   * @param packed    Z, interleaved, [half]; not modified
   * @param spectrum  receives X, interleaved, [half + 1]
   */
  split(packed: Float32Array, spectrum: Float32Array): void {
    const half = this.#half;
    for (let k = 0; k <= half; k++) {
      const at = k === half ? 0 : 2 * k;
      const mirror = k === 0 ? 0 : 2 * (half - k);
      const evenRe = 0.5 * (packed[at]! + packed[mirror]!);
      const evenIm = 0.5 * (packed[at + 1]! - packed[mirror + 1]!);
      const oddRe = 0.5 * (packed[at + 1]! + packed[mirror + 1]!);
      const oddIm = -0.5 * (packed[at]! - packed[mirror]!);
      const re = this.#twiddle[2 * k]!;
      const im = this.#twiddle[2 * k + 1]!;
      spectrum[2 * k] = evenRe + re * oddRe - im * oddIm;
      spectrum[2 * k + 1] = evenIm + re * oddIm + im * oddRe;
    }
    spectrum[1] = 0;
    spectrum[2 * half + 1] = 0;
  }

  /**
   * The way back, doubled, which turns half * z into size * z, and conjugated, so that a forward transform inverts: its result,
   * conjugated once more, is `size` times the packed signal.
   * @param spectrum  X, interleaved, [half + 1]; the imaginary parts of the first and the last bin are ignored; not modified
   * @param packed    receives conj(2 Z), interleaved, [half]
   */
  joinConjugated(spectrum: Float32Array, packed: Float32Array): void {
    const half = this.#half;
    for (let k = 0; k < half; k++) {
      const mirror = half - k;
      const re = spectrum[2 * k]!;
      const im = k === 0 ? 0 : spectrum[2 * k + 1]!;
      const mirrorRe = spectrum[2 * mirror]!;
      const mirrorIm = k === 0 ? 0 : -spectrum[2 * mirror + 1]!;
      const differenceRe = re - mirrorRe;
      const differenceIm = im - mirrorIm;
      const cos = this.#twiddle[2 * k]!;
      const sin = -this.#twiddle[2 * k + 1]!;
      const oddRe = differenceRe * cos - differenceIm * sin;
      const oddIm = differenceRe * sin + differenceIm * cos;
      packed[2 * k] = re + mirrorRe - oddIm;
      packed[2 * k + 1] = -(im + mirrorIm + oddRe);
    }
  }
}

/** @returns exp(-2 pi i turns(j)), interleaved, [count] */
export function unitCircle(count: number, turns: (j: number) => number): Float32Array {
  const values = new Float32Array(2 * count);
  for (let j = 0; j < count; j++) {
    const angle = -2 * Math.PI * turns(j);
    values[2 * j] = Math.cos(angle);
    values[2 * j + 1] = Math.sin(angle);
  }
  return values;
}
