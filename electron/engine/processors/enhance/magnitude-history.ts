import { transpose } from '../../dsp/spectrum.js';
import type { Tensor } from '../../models/model-host.js';

/** One model input and how many of its first frames are only there as context. */
export interface MagnitudeChunk {
  /** (1, modelBins, contextFrames + new frames) */
  readonly magnitude: Tensor;
  readonly contextFrames: number;
}

/**
 * Collects magnitude frames and cuts them into model inputs that repeat the last frames of the chunk before.
 *
 * The first chunk carries no context: a causal net pads its layers with zeros there, which is not what frames of silence in
 * front would give. Later chunks carry as many frames as the net can look back, so that all chunks together equal one long run.
 */
export class MagnitudeHistory {
  readonly #modelBins: number;
  readonly #contextFrames: number;
  /** frame-major, [context + chunk][modelBins] */
  readonly #rows: Float32Array;
  #context = 0;
  #filled = 0;

  /**
   * @param contextFrames  frames of past the model needs
   * @param chunkFrames    most new frames of one chunk
   */
  constructor(modelBins: number, contextFrames: number, chunkFrames: number) {
    this.#modelBins = modelBins;
    this.#contextFrames = contextFrames;
    this.#rows = new Float32Array((contextFrames + chunkFrames) * modelBins);
  }

  /** New frames since the last chunk. */
  get newFrames(): number {
    return this.#filled - this.#context;
  }

  /**
   * @returns the row of the next frame, [modelBins], to be filled by the caller: bins that a recording lacks are zero
   */
  nextRow(): Float32Array {
    const start = this.#filled * this.#modelBins;
    this.#filled++;
    return this.#rows.subarray(start, start + this.#modelBins);
  }

  /** @returns all new frames with their context; the next chunk starts behind them */
  takeChunk(): MagnitudeChunk {
    const bins = this.#modelBins;
    const frames = this.#filled;
    const contextFrames = this.#context;
    const magnitude = { shape: [1, bins, frames], data: transpose(this.#rows, frames, bins) };
    const kept = Math.min(this.#contextFrames, frames);
    this.#rows.copyWithin(0, (frames - kept) * bins, frames * bins);
    this.#context = kept;
    this.#filled = kept;
    return { magnitude, contextFrames };
  }
}
