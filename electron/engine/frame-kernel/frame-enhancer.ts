/** What {@link OpenFrameEnhancer} needs. */
export interface FrameEnhancerOptions {
  /** an ONNX file with the weights of a mask net, as it lies on the disk; read once, not kept */
  readonly onnx: Uint8Array;
  readonly sampleRateHz: number;
  /** 1 or more; all channels share one mask */
  readonly channels: number;
}

/**
 * Enhances a stream hop by hop at its own sample rate, with the same transform, mask and extension as the file path.
 * Runs anywhere, an audio thread included: it opens without waiting and allocates nothing after that.
 */
export interface FrameEnhancer {
  readonly channels: number;
  /** sample frames that {@link processHop} takes and gives; half a transform, 768 at 48 kHz */
  readonly hopSamples: number;
  /** sample frames by which the output is late: exactly one hop */
  readonly latencySamples: number;
  /**
   * Takes the next hop and gives the one that became complete, which is the hop taken by the call before; the first call after
   * `reset` gives silence.
   * @param input   [channels][hopSamples], full scale +-1; copied. A frame whose spectrum is not finite comes out silent
   * @param output  [channels][hopSamples], overwritten; may be `input` itself
   * @returns share of the dense net's multiply-accumulates that this frame took, 0..1
   */
  processHop(input: readonly Float32Array[], output: readonly Float32Array[]): number;
  /** Forgets the past, as at the start of a recording or after a jump. */
  reset(): void;
}

/**
 * The signature of `openFrameEnhancer`.
 * @throws RangeError when the file is damaged or holds another kind of net, or a number makes no sense
 */
export type OpenFrameEnhancer = (options: FrameEnhancerOptions) => FrameEnhancer;
