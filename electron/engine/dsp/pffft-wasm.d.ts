/** The part of `@echogarden/pffft-wasm` (an Emscripten module without types) that `pffft.ts` uses. Pointers are byte offsets. */
declare module '@echogarden/pffft-wasm/simd' {
  export interface PffftModule {
    /** replaced by a new view when the WASM memory grows */
    readonly HEAPF32: Float32Array<ArrayBuffer>;
    _pffft_new_setup(size: number, kind: 0 | 1): number;
    _pffft_destroy_setup(setup: number): void;
    _pffft_aligned_malloc(bytes: number): number;
    _pffft_aligned_free(pointer: number): void;
    _pffft_transform(setup: number, input: number, output: number, work: number, direction: 0 | 1): void;
    _pffft_transform_ordered(
      setup: number,
      input: number,
      output: number,
      work: number,
      direction: 0 | 1,
    ): void;
    _pffft_zconvolve_accumulate(setup: number, a: number, b: number, sum: number, scaling: number): void;
  }
  export default function createPffft(): Promise<PffftModule>;
}
