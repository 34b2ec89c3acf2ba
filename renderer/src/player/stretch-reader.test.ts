import { describe, expect, it } from 'vitest';
import type { ReadFrames } from './feeder.js';
import { stretchReader } from './stretch-reader.js';

const { signal } = new AbortController();

/** Interleaved stereo in which each number says where it was read. */
function numbered(offset: number, read: string[], name: string): ReadFrames {
  return async (start, frames) => {
    read.push(`${name} ${String(start)}+${String(frames)}`);
    return Float32Array.from({ length: 2 * frames }, (_, i) => offset + 2 * start + i);
  };
}

describe('stretchReader', () => {
  it.each([
    ['before the stretch', 2, 3, ['around 2+3']],
    ['behind it', 20, 3, ['around 20+3']],
    ['within it', 11, 4, ['stretch 1+4']],
    ['over its start', 8, 5, ['stretch 0+3', 'around 8+5']],
    ['over its end', 18, 5, ['stretch 8+2', 'around 18+5']],
    ['over all of it', 5, 30, ['stretch 0+10', 'around 5+30']],
  ])('gives every sample frame its own place: %s', async (_where, start, frames, expected) => {
    const read: string[] = [];
    const reader = stretchReader(
      numbered(1000, read, 'stretch'),
      { start: 10, end: 20 },
      numbered(0, read, 'around'),
      2,
    );
    const samples = await reader(start, frames, signal);
    expect(read).toEqual(expected);
    expect(samples).toHaveLength(2 * frames);
    samples.forEach((value, i) => {
      const frame = start + Math.floor(i / 2);
      const inside = frame >= 10 && frame < 20;
      expect(value).toBe(inside ? 1000 + 2 * (frame - 10) + (i % 2) : 2 * frame + (i % 2));
    });
  });
});
