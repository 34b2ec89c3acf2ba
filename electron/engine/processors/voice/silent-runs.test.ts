import { describe, expect, it } from 'vitest';
import { SilentRuns } from './silent-runs.js';

const rate = 16_000;

/** Sound, but for zeros from each `from` up to `to`. */
function recording(samples: number, runs: readonly (readonly [from: number, to: number])[]): Float32Array {
  return Float32Array.from({ length: samples }, (_, n) =>
    runs.some(([from, to]) => n >= from && n < to) ? 0 : 0.5,
  );
}

/** A voice of ones behind `given`, both in pieces of these sizes. */
function muted(given: Float32Array, size = given.length): Float32Array {
  const runs = new SilentRuns(rate, 1);
  runs.push([given.subarray(0, 2000)]);
  const parts: number[] = [];
  for (let at = 0; at < given.length; at += size) {
    runs.push([given.subarray(2000 + at, 2000 + at + size)]);
    parts.push(...runs.mute([new Float32Array(Math.min(size, given.length - at)).fill(1)])[0]!);
  }
  return Float32Array.from(parts);
}

describe('silent runs', () => {
  it('are exactly silent, and fade within 2.5 ms on either side', () => {
    const made = muted(recording(8000, [[3000, 4000]]));
    made.forEach((value, n) => {
      if (n >= 3000 && n < 4000) expect(value).toBe(0);
      else if (n < 2960 || n >= 4040) expect(value).toBe(1);
      else expect(value).toBeGreaterThan(0);
    });
  });

  it('begin with the recording and end with it', () => {
    const made = muted(
      recording(8000, [
        [0, 1000],
        [6000, 8000],
      ]),
    );
    expect(made.subarray(0, 1000).every((value) => value === 0)).toBe(true);
    expect(made[1100]).toBe(1);
    expect(made.subarray(6000).every((value) => value === 0)).toBe(true);
  });

  it('are no zero crossings: 10 ms count, less does not', () => {
    expect(muted(recording(4000, [[1000, 1159]])).every((value) => value === 1)).toBe(true);
    expect(muted(recording(4000, [[1000, 1160]]))[1000]).toBe(0);
  });

  it('do not depend on how the stream is cut', () => {
    const given = recording(9000, [
      [500, 700],
      [720, 2900],
      [8000, 9000],
    ]);
    for (const size of [1, 161, 4000]) expect(muted(given, size)).toEqual(muted(given));
  });
});
