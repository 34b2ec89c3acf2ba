import { laneNames, type LaneName } from '../../contract/lanes.js';

/** Values of one frame. */
export const laneCount = laneNames.length;

/** What is known of a recording over time. */
export interface Lanes {
  /** exactly hop / rate; frame t describes the sound around t * frameSeconds */
  readonly frameSeconds: number;
  /** ceil(sample frames / hop) + 1 */
  readonly frames: number;
  /** length of the recording */
  readonly seconds: number;
  /** [frames][laneCount] in the order of `laneNames`; NaN is "unknown" */
  readonly values: Float32Array;
  readonly noiseLabels: readonly string[];
  /** lanes that this net's probes cannot tell well enough; unknown in every frame */
  readonly untold: readonly LaneName[];
}

/** @returns one lane, [frames]; a new array */
export function laneOf({ frames, values }: Pick<Lanes, 'frames' | 'values'>, name: LaneName): Float32Array {
  const lane = new Float32Array(frames);
  for (let t = 0, at = laneNames.indexOf(name); t < frames; t++, at += laneCount) lane[t] = values[at]!;
  return lane;
}

/** From this probability on somebody speaks. */
export const speechThreshold = 0.5;
