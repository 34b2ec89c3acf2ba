import type { PffftModule } from '@echogarden/pffft-wasm/simd';
import { WasmFloats } from './pffft.js';
import { nextPlanSize } from './plan-size.js';
import { RealPacking, unitCircle } from './real-packing.js';

/**
 * Real FFT of any even size: the samples are packed into a complex signal of half the size, whose transform is computed as
 * a circular convolution with a chirp, on PFFFT plans of a convenient length.
 * Same meaning of `forward` and `inverse` as in `real-fft.ts`.
 * @see Bluestein 1970, "A linear filtering approach to the computation of discrete Fourier transform"
 */
export class BluesteinFft {
  readonly size: number;
  /** complex length of the packed signal */
  readonly #half: number;
  readonly #convolutionSize: number;
  readonly #module: PffftModule;
  readonly #setup: number;
  /** exp(-pi i j^2 / half), interleaved, [half] */
  readonly #chirp: Float32Array;
  readonly #packing: RealPacking;
  /** packed signal or its spectrum, interleaved, [half] */
  readonly #packed: Float32Array;
  readonly #kernel: WasmFloats;
  readonly #time: WasmFloats;
  readonly #spectrum: WasmFloats;
  readonly #product: WasmFloats;
  readonly #work: WasmFloats;
  #open = true;

  /** @param size  even, >= 2 */
  constructor(module: PffftModule, size: number) {
    this.size = size;
    this.#module = module;
    this.#half = size / 2;
    // A linear convolution of `half` inputs with 2 * half - 1 chirp values, of which `half` outputs are wanted.
    this.#convolutionSize = nextPlanSize(2 * this.#half - 1, 'complex');
    this.#setup = module._pffft_new_setup(this.#convolutionSize, 1);
    this.#chirp = unitCircle(this.#half, (j) => ((j * j) % (2 * this.#half)) / (2 * this.#half));
    this.#packing = new RealPacking(size);
    this.#packed = new Float32Array(size);
    const floats = (): WasmFloats => new WasmFloats(module, 2 * this.#convolutionSize);
    this.#kernel = floats();
    this.#time = floats();
    this.#spectrum = floats();
    this.#product = floats();
    this.#work = floats();
    this.#prepareKernel();
  }

  forward(time: Float32Array, spectrum: Float32Array): void {
    const packed = this.#packed;
    packed.set(time);
    this.#transformPacked();
    this.#packing.split(packed, spectrum);
  }

  inverse(spectrum: Float32Array, time: Float32Array): void {
    const packed = this.#packed;
    this.#packing.joinConjugated(spectrum, packed);
    this.#transformPacked();
    for (let n = 0; n < this.size; n += 2) {
      time[n] = packed[n]!;
      time[n + 1] = -packed[n + 1]!;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#module._pffft_destroy_setup(this.#setup);
    for (const floats of [this.#kernel, this.#time, this.#spectrum, this.#product, this.#work]) {
      floats.close();
    }
  }

  /** Replaces `#packed` by its complex DFT of length `half`. */
  #transformPacked(): void {
    const module = this.#module;
    const chirp = this.#chirp;
    const packed = this.#packed;
    const input = this.#time.view;
    input.fill(0, 2 * this.#half);
    multiplyComplex(packed, chirp, input, this.#half);
    module._pffft_transform(this.#setup, this.#time.pointer, this.#spectrum.pointer, this.#work.pointer, 0);
    this.#product.view.fill(0);
    module._pffft_zconvolve_accumulate(
      this.#setup,
      this.#spectrum.pointer,
      this.#kernel.pointer,
      this.#product.pointer,
      1 / this.#convolutionSize,
    );
    module._pffft_transform(this.#setup, this.#product.pointer, this.#time.pointer, this.#work.pointer, 1);
    multiplyComplex(this.#time.view, chirp, packed, this.#half);
  }

  /** Spectrum of the conjugated chirp, wrapped around so that the convolution is circular. */
  #prepareKernel(): void {
    const input = this.#time.view;
    for (let j = 0; j < this.#half; j++) {
      const mirror = j === 0 ? 0 : this.#convolutionSize - j;
      for (const at of [2 * j, 2 * mirror]) {
        input[at] = this.#chirp[2 * j]!;
        input[at + 1] = -this.#chirp[2 * j + 1]!;
      }
    }
    this.#module._pffft_transform(
      this.#setup,
      this.#time.pointer,
      this.#kernel.pointer,
      this.#work.pointer,
      0,
    );
  }
}

/** product[j] = a[j] * b[j] for `count` interleaved complex numbers. */
function multiplyComplex(a: Float32Array, b: Float32Array, product: Float32Array, count: number): void {
  for (let at = 0; at < 2 * count; at += 2) {
    const aRe = a[at]!;
    const aIm = a[at + 1]!;
    const bRe = b[at]!;
    const bIm = b[at + 1]!;
    product[at] = aRe * bRe - aIm * bIm;
    product[at + 1] = aRe * bIm + aIm * bRe;
  }
}
