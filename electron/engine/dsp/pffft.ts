import createPffft, { type PffftModule } from '@echogarden/pffft-wasm/simd';

/** Kind of a PFFFT plan: real signals, or interleaved complex ones. */
export type PlanKind = 'real' | 'complex';

let loading: Promise<PffftModule> | undefined;

/** @returns the one WASM instance of this thread; loaded at the first call */
export function loadPffft(): Promise<PffftModule> {
  loading ??= createPffft();
  return loading;
}

/** Smallest granule of PFFFT's SIMD plans: 2 * 4^2 for real, 4^2 for complex transforms. */
const planGranule: Readonly<Record<PlanKind, number>> = { real: 32, complex: 16 };

/** @returns whether PFFFT has a plan for `size`: a multiple of its granule with no prime factor but 2, 3 and 5 */
export function hasPlan(size: number, kind: PlanKind): boolean {
  if (!Number.isInteger(size) || size <= 0 || size % planGranule[kind] !== 0) return false;
  let rest = size;
  for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
  return rest === 1;
}

/** @returns the smallest size >= `atLeast` that PFFFT has a plan for */
export function nextPlanSize(atLeast: number, kind: PlanKind): number {
  const granule = planGranule[kind];
  let size = Math.max(granule, Math.ceil(atLeast / granule) * granule);
  while (!hasPlan(size, kind)) size += granule;
  return size;
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
