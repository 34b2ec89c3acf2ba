/** A mask net that is fed one frame at a time and computes only the channels that its gates leave on. */
export interface FrameKernel {
  /** bins of a frame, 257 */
  readonly bins: number;
  /** bits of one frame: blocks x hidden channels; 0 for a net without gates */
  readonly gateCount: number;
  /** multiply-accumulates of one frame in a net of the same size without gates: every channel on, and no gate to compute */
  readonly denseMacs: number;
  /**
   * Computes the next frame.
   * @param magnitude  [bins], |X| of the model's unnormalised STFT, uncompressed; copied
   * @returns multiply-accumulates that this frame took, those of the gates included; more than `denseMacs` where all are open
   */
  process(magnitude: Float32Array): number;
  /** [bins], 0..1: the mask of the last frame; overwritten by the next */
  readonly mask: Float32Array;
  /** [gateCount], 0 or 1: which channels the last frame used, block by block; overwritten by the next */
  readonly gates: Uint8Array;
  /** Forgets every frame, as at the start of a recording. */
  reset(): void;
}
