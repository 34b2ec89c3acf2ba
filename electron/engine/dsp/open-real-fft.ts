import { BluesteinFft } from './bluestein-fft.js';
import { loadPffft, WasmFloats } from './pffft.js';
import { hasPlan } from './plan-size.js';
import type { RealFft } from './real-fft.js';
import type { PffftModule } from '@echogarden/pffft-wasm/simd';

/**
 * @param size  even, >= 2. Multiples of 32 with factors 2, 3 and 5 run on PFFFT directly,
 *              any other even size through Bluestein's algorithm (about five times the time)
 * @throws RangeError when `size` is not an even positive integer: sizes come from our own code
 */
export async function openRealFft(size: number): Promise<RealFft> {
  if (!Number.isInteger(size) || size < 2 || size % 2 !== 0) {
    throw new RangeError(`Expected an even FFT size of at least 2, found ${size}.`);
  }
  const module = await loadPffft();
  return hasPlan(size, 'real') ? new PffftRealFft(module, size) : new BluesteinFft(module, size);
}

class PffftRealFft implements RealFft {
  readonly size: number;
  readonly #module: PffftModule;
  readonly #setup: number;
  readonly #input: WasmFloats;
  readonly #output: WasmFloats;
  readonly #work: WasmFloats;
  #open = true;

  constructor(module: PffftModule, size: number) {
    this.size = size;
    this.#module = module;
    this.#setup = module._pffft_new_setup(size, 0);
    this.#input = new WasmFloats(module, size);
    this.#output = new WasmFloats(module, size);
    this.#work = new WasmFloats(module, size);
  }

  forward(time: Float32Array, spectrum: Float32Array): void {
    this.#input.view.set(time);
    this.#transform(0);
    spectrum.set(this.#output.view);
    // PFFFT packs the two real bins into the first pair: [X0, X(size/2), re1, im1, ...].
    spectrum[this.size] = spectrum[1] ?? 0;
    spectrum[this.size + 1] = 0;
    spectrum[1] = 0;
  }

  inverse(spectrum: Float32Array, time: Float32Array): void {
    const input = this.#input.view;
    input.set(spectrum.subarray(0, this.size));
    input[1] = spectrum[this.size] ?? 0;
    this.#transform(1);
    time.set(this.#output.view);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#module._pffft_destroy_setup(this.#setup);
    for (const floats of [this.#input, this.#output, this.#work]) floats.close();
  }

  #transform(direction: 0 | 1): void {
    this.#module._pffft_transform_ordered(
      this.#setup,
      this.#input.pointer,
      this.#output.pointer,
      this.#work.pointer,
      direction,
    );
  }
}
