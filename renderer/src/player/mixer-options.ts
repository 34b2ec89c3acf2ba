import type { PlayerMemory } from './control-block.js';

/** Name under which the worklet registers its processor. */
export const mixerProcessorName = 'sotto-mixer';

/** What the window hands to the worklet with a new recording. */
export interface MixerOptions {
  readonly memory: PlayerMemory;
  readonly sampleRateHz: number;
  /** sample frames of the recording */
  readonly length: number;
  readonly channels: number;
  /** weights for live monitoring (ONNX), null while they are not there; then they come as {@link LiveWeights} */
  readonly liveOnnx: Uint8Array | null;
}

/** Window to mixer: the weights for live monitoring, which came after the recording was opened. */
export interface LiveWeights {
  readonly liveOnnx: Uint8Array;
}

/** Mixer to window: there will be no live monitoring with these weights. */
export interface LiveFailed {
  readonly message: string;
}
