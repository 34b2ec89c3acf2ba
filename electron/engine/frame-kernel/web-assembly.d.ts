/** The part of WebAssembly that the frame kernel uses: the types of Node have none, those of a page are not Node's. */
declare namespace WebAssembly {
  class Memory {
    /** replaced by a new one when the memory grows */
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
    private readonly code: unknown;
  }
  class Instance {
    constructor(module: Module);
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
