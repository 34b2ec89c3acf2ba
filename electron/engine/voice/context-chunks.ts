/** Rows for one run of a model. */
export interface ContextChunk {
  /** [frames][rowSize]; owned by the caller */
  readonly rows: Float32Array;
  /** rows in all */
  readonly frames: number;
  /** rows in front that are only context */
  readonly before: number;
  /** rows behind those whose outputs are wanted; what follows is context again */
  readonly wanted: number;
}

/**
 * Collects rows and cuts them into runs of a net that looks both ways: each repeats the context before it and already holds the one
 * behind it, so that all runs together equal a single long one. At the ends of a recording there is less context, as the net pads
 * there by itself.
 */
export class ContextChunks {
  readonly #rowSize: number;
  readonly #context: number;
  readonly #chunk: number;
  readonly #rows: Float32Array;
  #before = 0;
  #filled = 0;

  /**
   * @param contextFrames  rows that the net looks back, and ahead
   * @param chunkFrames    wanted rows of one run
   */
  constructor(rowSize: number, contextFrames: number, chunkFrames: number) {
    this.#rowSize = rowSize;
    this.#context = contextFrames;
    this.#chunk = chunkFrames;
    this.#rows = new Float32Array((2 * contextFrames + chunkFrames) * rowSize);
  }

  /** Whether {@link take} may be called, and must be before a row is added. */
  get ready(): boolean {
    return this.#filled - this.#before === this.#chunk + this.#context;
  }

  /** @returns the next row, [rowSize], to be filled by the caller */
  nextRow(): Float32Array {
    const start = this.#filled * this.#rowSize;
    this.#filled++;
    return this.#rows.subarray(start, start + this.#rowSize);
  }

  /** @returns a full run */
  take(): ContextChunk {
    const chunk = this.#cut(this.#chunk);
    const end = this.#before + this.#chunk;
    const kept = Math.min(this.#context, end);
    this.#rows.copyWithin(0, (end - kept) * this.#rowSize, this.#filled * this.#rowSize);
    this.#filled -= end - kept;
    this.#before = kept;
    return chunk;
  }

  /** @returns what is left at the end, or null; no row may be added after it */
  takeRest(): ContextChunk | null {
    const wanted = this.#filled - this.#before;
    const chunk = wanted === 0 ? null : this.#cut(wanted);
    this.#filled = this.#before;
    return chunk;
  }

  #cut(wanted: number): ContextChunk {
    const rows = this.#rows.slice(0, this.#filled * this.#rowSize);
    return { rows, frames: this.#filled, before: this.#before, wanted };
  }
}
