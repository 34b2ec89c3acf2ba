import type { ReadFrames } from './feeder.js';
import type { FrameRange } from './play-order.js';

/** What can be heard in place of the raw recording. */
export interface PlayableRendering {
  readonly url: string;
  /** what it covers; outside of it raw is heard */
  readonly range: FrameRange;
}

/**
 * Reads a copy that holds one stretch of a recording as if it held all of it.
 * @param readStretch  its frame 0 is frame `stretch.start` of the recording
 * @param readAround   gives what lies outside
 * @param channels     numbers per sample frame
 */
export function stretchReader(
  readStretch: ReadFrames,
  stretch: FrameRange,
  readAround: ReadFrames,
  channels: number,
): ReadFrames {
  return async (startFrame, frames, signal) => {
    const endFrame = startFrame + frames;
    const first = Math.max(startFrame, stretch.start);
    const last = Math.min(endFrame, stretch.end);
    if (first >= last) return await readAround(startFrame, frames, signal);
    const inside = await readStretch(first - stretch.start, last - first, signal);
    if (first === startFrame && last === endFrame) return inside;
    const joined = await readAround(startFrame, frames, signal);
    joined.set(inside, (first - startFrame) * channels);
    return joined;
  };
}
