/** One way through a recording: where to begin, which way, what to repeat. Positions are sample frames of the recording. */
export interface PlayOrder {
  /** first frame to be heard */
  readonly startFrame: number;
  /** 1 forward, -1 backward */
  readonly direction: 1 | -1;
  /** sample frames of the recording per sample frame of sound, 1 or more: the shuttle's speed */
  readonly speed: number;
  /** frames repeated when played forward from before its end; equal ends mean no loop */
  readonly loopStart: number;
  readonly loopEnd: number;
}

/** Sample frames of a recording, end exclusive. */
export interface FrameRange {
  readonly start: number;
  readonly end: number;
}

/** A stretch of the recording to be read in one go. */
export interface Segment {
  /** first frame in the recording, whatever the direction */
  readonly startFrame: number;
  readonly frames: number;
  /** true when the last frame is heard first */
  readonly reversed: boolean;
  /** cursor after it */
  readonly nextCursor: number;
}

/** @returns whether the loop applies to a cursor at `frame`; from behind the loop one plays on to the end */
export function loops(order: PlayOrder, frame: number): boolean {
  return order.direction === 1 && order.loopEnd > order.loopStart && frame < order.loopEnd;
}

/**
 * @param cursor  next frame to be heard; going backward, the frame above it is the one heard last
 * @param length  sample frames of the recording
 * @param most    longest stretch wanted, at least 1
 * @returns what is heard next, null at the end
 */
export function nextSegment(order: PlayOrder, cursor: number, length: number, most: number): Segment | null {
  if (order.direction === -1) {
    const frames = Math.min(most, cursor + 1);
    if (frames <= 0) return null;
    return { startFrame: cursor + 1 - frames, frames, reversed: true, nextCursor: cursor - frames };
  }
  const looping = loops(order, cursor);
  const end = looping ? Math.min(order.loopEnd, length) : length;
  const frames = Math.min(most, end - cursor);
  if (frames <= 0) return null;
  const after = cursor + frames;
  return {
    startFrame: cursor,
    frames,
    reversed: false,
    nextCursor: looping && after >= end ? order.loopStart : after,
  };
}

/** @returns the cursor one frame further on the same way; `length` or -1 behind the ends */
export function advance(order: PlayOrder, cursor: number, length: number): number {
  if (order.direction === -1) return cursor - 1;
  const next = cursor + 1;
  return loops(order, cursor) && next >= Math.min(order.loopEnd, length) ? order.loopStart : next;
}
