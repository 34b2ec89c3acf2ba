/** Fourier transform of real signals of one fixed size, single precision. */
export interface RealFft {
  /** samples of one transform; even */
  readonly size: number;
  /**
   * X[k] = sum over n of x[n] exp(-2 pi i k n / size), unnormalised.
   * @param time      [size]; not modified
   * @param spectrum  [size + 2], receives interleaved re/im of bins 0 .. size/2
   */
  forward(time: Float32Array, spectrum: Float32Array): void;
  /**
   * Unnormalised inverse: `forward` followed by `inverse` gives `size` times the signal.
   * @param spectrum  [size + 2], interleaved re/im; the imaginary parts of bins 0 and size/2 are ignored; not modified
   * @param time      [size], receives the signal
   */
  inverse(spectrum: Float32Array, time: Float32Array): void;
  /** Frees the WASM memory; may be called more than once. */
  close(): void;
}
