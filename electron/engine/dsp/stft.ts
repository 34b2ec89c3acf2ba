import type { RealFft } from './real-fft.js';

/**
 * The window of analysis and synthesis: sqrt(0.5 - 0.5 cos(2 pi n / size)). Its square overlaps to exactly 1 at half its size.
 * @returns [size], computed in float64 and rounded once
 */
export function sqrtHannPeriodic(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, n) => Math.sin((Math.PI * n) / size));
}

/** @returns frames that cover `samples` samples with half overlap: ceil(samples / hop) + 1 */
export function stftFrameCount(samples: number, hopSamples: number): number {
  return Math.ceil(samples / hopSamples) + 1;
}

/**
 * Streaming short-time Fourier transform of one channel: periodic sqrt-Hann window, hop = size / 2, unnormalised.
 * Frame t covers samples [t*hop - hop, t*hop + hop); `hop` zeros stand before the start.
 * The caller feeds samples until a frame is ready, takes it, and goes on; at the end it feeds zeros.
 */
export class StftAnalyser {
  readonly #fft: RealFft;
  readonly #window: Float32Array;
  readonly #hop: number;
  /** the samples under the window, [size]; the newer half is being filled */
  readonly #span: Float32Array;
  readonly #windowed: Float32Array;
  #filled: number;

  /** @param fft  borrowed; several analysers of one thread may share it */
  constructor(fft: RealFft) {
    this.#fft = fft;
    this.#hop = fft.size / 2;
    this.#window = sqrtHannPeriodic(fft.size);
    this.#span = new Float32Array(fft.size);
    this.#windowed = new Float32Array(fft.size);
    this.#filled = this.#hop;
  }

  /** Samples to feed until the next frame is ready; 0 when it is. */
  get missingSamples(): number {
    return this.#fft.size - this.#filled;
  }

  /** @param samples  at most `missingSamples` samples; copied */
  feed(samples: Float32Array): void {
    this.#span.set(samples, this.#filled);
    this.#filled += samples.length;
  }

  /**
   * Transforms the ready frame and moves on by one hop.
   * @param spectrum  [size + 2], receives interleaved re/im
   */
  takeFrame(spectrum: Float32Array): void {
    const span = this.#span;
    const window = this.#window;
    const windowed = this.#windowed;
    for (let n = 0; n < span.length; n++) windowed[n] = span[n]! * window[n]!;
    this.#fft.forward(windowed, spectrum);
    span.copyWithin(0, this.#hop);
    this.#filled = this.#hop;
  }

  /** Forgets what was fed, as at the start of a signal. */
  reset(): void {
    this.#span.fill(0);
    this.#filled = this.#hop;
  }
}

/**
 * Inverse of {@link StftAnalyser}: windowed overlap-add. Frame t completes the samples [t*hop - hop, t*hop), so that the first
 * frame completes only the zeros before the start.
 */
export class StftSynthesiser {
  readonly #fft: RealFft;
  /** synthesis window with the 1 / size of the inverse transform folded in */
  readonly #window: Float32Array;
  readonly #hop: number;
  readonly #frame: Float32Array;
  /** the newer half of the frame before, already windowed, [hop] */
  readonly #tail: Float32Array;

  /** @param fft  borrowed; several synthesisers of one thread may share it */
  constructor(fft: RealFft) {
    this.#fft = fft;
    this.#hop = fft.size / 2;
    this.#window = sqrtHannPeriodic(fft.size).map((value) => value / fft.size);
    this.#frame = new Float32Array(fft.size);
    this.#tail = new Float32Array(this.#hop);
  }

  /**
   * @param spectrum  [size + 2], interleaved re/im
   * @param samples   [hop], receives the samples that this frame completes
   */
  putFrame(spectrum: Float32Array, samples: Float32Array): void {
    const hop = this.#hop;
    const frame = this.#frame;
    const window = this.#window;
    const tail = this.#tail;
    this.#fft.inverse(spectrum, frame);
    for (let n = 0; n < hop; n++) samples[n] = tail[n]! + frame[n]! * window[n]!;
    for (let n = 0; n < hop; n++) tail[n] = frame[n + hop]! * window[n + hop]!;
  }

  /** Forgets the frame before, as at the start of a signal. */
  reset(): void {
    this.#tail.fill(0);
  }
}
