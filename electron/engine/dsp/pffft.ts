import createPffft, { type PffftModule } from '@echogarden/pffft-wasm/simd';

let loading: Promise<PffftModule> | undefined;

/** @returns the one WASM instance of this thread; loaded at the first call */
export function loadPffft(): Promise<PffftModule> {
  loading ??= createPffft();
  return loading;
}

/** A block of floats in WASM memory. Freed by `close`, never by the garbage collector. */
export class WasmFloats {
  readonly pointer: number;
  readonly #module: PffftModule;
  readonly #length: number;
  #view: Float32Array<ArrayBuffer>;

  constructor(module: PffftModule, length: number) {
    this.#module = module;
    this.#length = length;
    this.pointer = module._pffft_aligned_malloc(length * Float32Array.BYTES_PER_ELEMENT);
    this.#view = this.#freshView();
    this.#view.fill(0);
  }

  /** The floats, [length]. Ask again after anything was allocated: growing memory detaches old views. */
  get view(): Float32Array<ArrayBuffer> {
    if (this.#view.buffer !== this.#module.HEAPF32.buffer) this.#view = this.#freshView();
    return this.#view;
  }

  close(): void {
    this.#module._pffft_aligned_free(this.pointer);
  }

  #freshView(): Float32Array<ArrayBuffer> {
    const start = this.pointer / Float32Array.BYTES_PER_ELEMENT;
    return this.#module.HEAPF32.subarray(start, start + this.#length);
  }
}
