import { laneCount, speechThreshold, type Lanes } from './lanes.js';

/**
 * Marks the loudness blocks in which somebody speaks: those where speech holds at least half of the frames that fall into them.
 * @param stepSeconds   time between the starts of two blocks
 * @param blockSeconds  length of a block, a frame or more
 * @param count         blocks
 * @returns [count], 1 where somebody speaks
 */
export function speechBlocks(
  { frames, frameSeconds, values }: Pick<Lanes, 'frames' | 'frameSeconds' | 'values'>,
  stepSeconds: number,
  blockSeconds: number,
  count: number,
): Uint8Array {
  const marks = new Uint8Array(count);
  for (let block = 0; block < count; block++) {
    const startSeconds = block * stepSeconds;
    const first = Math.ceil(startSeconds / frameSeconds);
    const end = Math.min(frames, Math.ceil((startSeconds + blockSeconds) / frameSeconds));
    let speaking = 0;
    for (let t = first; t < end; t++) if (values[t * laneCount]! >= speechThreshold) speaking++;
    marks[block] = end > first && 2 * speaking >= end - first ? 1 : 0;
  }
  return marks;
}
