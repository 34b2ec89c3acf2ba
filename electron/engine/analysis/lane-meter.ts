import type { Planar } from '../dsp/planar.js';
import type { Lanes } from './lanes.js';
import { LaneAnalyser } from './lane-analyser.js';
import { laneNetOf, type LaneNetSource } from './open-lane-net.js';

/** Measures the lanes of one stream, on the calling thread or on another. */
export interface LaneMeter {
  /**
   * Blocks are measured in the order of the calls; there is no need to wait for one before the next.
   * @param block  planar, [channels][frames], full scale +-1, finite; not modified, not kept
   * @returns once it is measured
   * @throws AppError INPUT_DAMAGED, MODEL_FAILED; then nothing more can be measured
   */
  push(block: Planar): Promise<void>;
  /** @returns the lanes of everything that was pushed; only `close` may follow */
  finish(): Promise<Lanes>;
  /** Ends what is under way; may be called at any time and more than once. */
  close(): Promise<void>;
}

/** What a meter is opened for. */
export interface LaneStream {
  readonly sampleRateHz: number;
  /** 1 or more */
  readonly channels: number;
}

/**
 * A meter that computes within `push`.
 * @throws AppError MODEL_FAILED
 */
export async function openDirectLaneMeter(stream: LaneStream, source: LaneNetSource): Promise<LaneMeter> {
  const analyser = await LaneAnalyser.open(stream.sampleRateHz, stream.channels, laneNetOf(source));
  return {
    push: async (block) => analyser.push(block),
    finish: async () => analyser.finish(),
    close: async () => analyser.close(),
  };
}
