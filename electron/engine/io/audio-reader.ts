import type { AudioFacts, Finding } from '../../contract/audio-format.js';
import type { Planar, PlanarSamples } from '../dsp/planar.js';

/** `float32` holds every integer format up to 24 bit exactly; `float64` also 32-bit integers and 64-bit floats. */
export type Precision = 'float32' | 'float64';

/** A recording opened for streaming, sample-exact, from its first sample frame to its last. */
export interface AudioReader<Block extends PlanarSamples = Planar> {
  readonly facts: AudioFacts;
  /**
   * Planar blocks of `blockFrames` sample frames (the last one shorter); full scale is +-1. May be iterated once.
   * Backpressure reaches the decoder: nothing is read ahead beyond a few blocks.
   * @throws AppError INPUT_NOT_AUDIO, INPUT_NO_SAMPLES, INPUT_DAMAGED, CANCELLED
   */
  blocks(blockFrames: number): AsyncIterable<Block>;
  /** Complete only after the last block: what was odd about the input (truncated, wrong header size, NaN samples ...). */
  readonly findings: readonly Finding[];
  /** Ends the decoder; safe at any time and more than once. */
  close(): void;
}
