import { describe, expect, it } from 'vitest';
import { findSegments, segmentStart } from './speech-segments.js';

/** Long enough against the lengths of interest, and exact in binary. */
const frameSeconds = 1 / 64;

/** @param parts  seconds and the probability of speech in them */
function laneOf(...parts: readonly (readonly [seconds: number, speech: number])[]) {
  const values = parts.flatMap(([seconds, speech]) =>
    Array.from({ length: Math.round(seconds / frameSeconds) }, () => speech),
  );
  return { frames: values.length, frameSeconds, speechAt: (frame: number) => values[frame] ?? NaN };
}

/** Half a frame: what a beginning may differ from the whole seconds of a test. */
const tolerance = frameSeconds;

function found(lane: ReturnType<typeof laneOf>) {
  const round = (seconds: number) => Math.round(seconds * 10) / 10;
  const { speech, pause } = findSegments(lane);
  const times = (segments: typeof speech) =>
    segments.map(({ startSeconds, endSeconds }) => [round(startSeconds), round(endSeconds)]);
  return { speech: times(speech), pause: times(pause) };
}

describe('findSegments', () => {
  it('tells speech from pauses at a probability of one half', () => {
    expect(found(laneOf([1, 0.49], [1, 0.5], [1, 0.1], [1, 0.9]))).toEqual({
      speech: [
        [1, 2],
        [3, 4],
      ],
      pause: [
        [0, 1],
        [2, 3],
      ],
    });
  });

  it('closes gaps below 300 ms and keeps longer ones', () => {
    expect(found(laneOf([1, 1], [0.25, 0], [1, 1])).speech).toEqual([[0, 2.2]]);
    expect(found(laneOf([1, 1], [0.4, 0], [1, 1]))).toEqual({
      speech: [
        [0, 1],
        [1.4, 2.4],
      ],
      pause: [[1, 1.4]],
    });
  });

  it('takes no notice of speech below 200 ms, which then belongs to the pause', () => {
    expect(found(laneOf([1, 0], [0.15, 1], [1, 0]))).toEqual({ speech: [], pause: [[0, 2.1]] });
    expect(found(laneOf([1, 0], [0.25, 1], [1, 0])).speech).toEqual([[1, 1.2]]);
  });

  it('never takes what is unknown for speech or for a pause', () => {
    expect(found(laneOf([2, NaN], [1, 1], [2, NaN], [1, 0]))).toEqual({
      speech: [[2, 3]],
      pause: [[5, 6]],
    });
    expect(found(laneOf([3, NaN]))).toEqual({ speech: [], pause: [] });
    expect(found(laneOf())).toEqual({ speech: [], pause: [] });
  });

  it('begins a segment where its first frame begins', () => {
    const { speech } = findSegments(laneOf([1, 0], [1, 1]));
    expect(Math.abs((speech[0]?.startSeconds ?? 0) - 1)).toBeLessThanOrEqual(tolerance);
  });
});

describe('segmentStart', () => {
  const segments = [1, 4, 9].map((startSeconds) => ({ startSeconds, endSeconds: startSeconds + 1 }));

  it('goes from one beginning to the next and stops at the last', () => {
    expect(segmentStart(segments, 1, 0, 0.001)).toBe(1);
    expect(segmentStart(segments, 1, 1, 0.001)).toBe(4);
    expect(segmentStart(segments, 1, 9, 0.001)).toBeNull();
  });

  it('goes back to the beginning of the segment one is in, then to the one before', () => {
    expect(segmentStart(segments, -1, 4.5, 0.001)).toBe(4);
    expect(segmentStart(segments, -1, 4, 0.001)).toBe(1);
    expect(segmentStart(segments, -1, 1, 0.001)).toBeNull();
  });

  it('leads further back when it has played on a little since the last press', () => {
    expect(segmentStart(segments, -1, 4.3, 0.5)).toBe(1);
  });
});
