/** A stretch of the recording, end exclusive. */
export interface Segment {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Where somebody speaks, and where it is known that nobody does; both in order, without overlap. */
export interface Segments {
  readonly speech: readonly Segment[];
  readonly pause: readonly Segment[];
}

/** What {@link findSegments} needs of the lanes. */
export interface SpeechLane {
  readonly frames: number;
  readonly frameSeconds: number;
  /** @returns probability 0..1, NaN where unknown */
  speechAt(frame: number): number;
}

/** From this probability on a frame counts as speech. */
const speechThreshold = 0.5;
/** Gaps in speech shorter than this are closed: breath and plosives are no pauses. */
const shortestPauseSeconds = 0.3;
/** Speech shorter than this, its closed gaps included, is a click or a cough. */
const shortestSpeechSeconds = 0.2;

interface Run {
  first: number;
  /** exclusive */
  end: number;
}

/**
 * Finds speech (probability of {@link speechThreshold} or more) and pauses. What is unknown ends a pause: music is neither speech nor a pause.
 */
export function findSegments(lane: SpeechLane): Segments {
  const { frames, frameSeconds } = lane;
  const gapFrames = shortestPauseSeconds / frameSeconds;
  const spoken = runs(frames, (frame) => lane.speechAt(frame) >= speechThreshold, gapFrames).filter(
    (run) => (run.end - run.first) * frameSeconds >= shortestSpeechSeconds,
  );
  const isSpoken = new Uint8Array(frames);
  for (const run of spoken) isSpoken.fill(1, run.first, run.end);
  const silent = runs(
    frames,
    (frame) => isSpoken[frame] === 0 && !Number.isNaN(lane.speechAt(frame)),
    0,
  ).filter((run) => run.end - run.first >= gapFrames);
  // A frame describes the sound around its time, so a run begins half a frame before its first one.
  const toSegment = (run: Run): Segment => ({
    startSeconds: Math.max(0, (run.first - 0.5) * frameSeconds),
    endSeconds: (run.end - 0.5) * frameSeconds,
  });
  return { speech: spoken.map(toSegment), pause: silent.map(toSegment) };
}

/**
 * @param direction     1: the first segment that begins after the position; -1: the last one that begins before it
 * @param slackSeconds  how close to a beginning still counts as being there; while it plays, going back twice must lead further back
 * @returns where that segment begins, null when there is none
 */
export function segmentStart(
  segments: readonly Segment[],
  direction: 1 | -1,
  positionSeconds: number,
  slackSeconds: number,
): number | null {
  const found =
    direction === 1
      ? segments.find(({ startSeconds }) => startSeconds > positionSeconds + slackSeconds)
      : segments.findLast(({ startSeconds }) => startSeconds < positionSeconds - slackSeconds);
  return found?.startSeconds ?? null;
}

/** Runs of frames for which `isOn` holds; gaps of fewer than `gapFrames` frames between two of them are closed. */
function runs(frames: number, isOn: (frame: number) => boolean, gapFrames: number): Run[] {
  const found: Run[] = [];
  let current: Run | null = null;
  for (let frame = 0; frame < frames; frame++) {
    if (!isOn(frame)) continue;
    if (current !== null && (frame === current.end || frame - current.end < gapFrames)) {
      current.end = frame + 1;
    } else {
      current = { first: frame, end: frame + 1 };
      found.push(current);
    }
  }
  return found;
}
