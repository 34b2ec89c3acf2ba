import type { PlayerMemory } from './control-block.js';

/** Name under which the worklet registers its processor. */
export const mixerProcessorName = 'sotto-mixer';

/** A net for live monitoring. */
export interface LiveNet {
  /** of the weights: tells one net from another */
  readonly sha256: string;
  /** the weights (ONNX), in memory that threads share */
  readonly onnx: Uint8Array;
}

/** What the window hands to the worklet with a new recording. */
export interface MixerOptions {
  readonly memory: PlayerMemory;
  readonly sampleRateHz: number;
  /** sample frames of the recording */
  readonly length: number;
  readonly channels: number;
  /** null while it is not there; then it comes as {@link LiveWeights}, as one that replaces it does */
  readonly liveNet: LiveNet | null;
}

/** Window to mixer: the net for live monitoring that came, or was chosen, after the recording was opened. */
export interface LiveWeights {
  readonly liveNet: LiveNet;
}

/** Mixer to window: there will be no live monitoring with these weights. */
export interface LiveFailed {
  readonly message: string;
}
