import type { PlayerMemory } from './control-block.js';

/** Name under which the worklet registers its processor. */
export const mixerProcessorName = 'sotto-mixer';

/** What the window hands to the worklet with a new recording. */
export interface MixerOptions {
  readonly memory: PlayerMemory;
  readonly sampleRateHz: number;
  /** sample frames of the recording */
  readonly length: number;
}
