import { describe, expect, it } from 'vitest';
import { advance, nextSegment } from './play-order.js';
import type { PlayOrder } from './play-order.js';

const straight: PlayOrder = { startFrame: 0, direction: 1, speed: 1, loopStart: 0, loopEnd: 0 };

/** Walks an order both ways it is used: in stretches by the feeder, frame by frame by the mixer. */
function walk(
  order: PlayOrder,
  length: number,
  most: number,
  frames: number,
): { fed: number[]; heard: number[] } {
  const fed: number[] = [];
  for (let cursor = order.startFrame; fed.length < frames;) {
    const segment = nextSegment(order, cursor, length, most);
    if (!segment) break;
    const stretch = Array.from({ length: segment.frames }, (_, i) => segment.startFrame + i);
    fed.push(...(segment.reversed ? stretch.reverse() : stretch));
    cursor = segment.nextCursor;
  }
  const heard: number[] = [];
  for (let cursor = order.startFrame; heard.length < fed.length; cursor = advance(order, cursor, length)) {
    heard.push(cursor);
  }
  return { fed, heard };
}

describe('play order', () => {
  it.each([
    ['straight on to the end', { ...straight, startFrame: 3 }],
    ['backward to the beginning', { ...straight, startFrame: 17, direction: -1 as const }],
    ['round a loop', { ...straight, startFrame: 4, loopStart: 6, loopEnd: 11 }],
    ['round a loop that ends with the recording', { ...straight, loopStart: 15, loopEnd: 20 }],
    ['on to the end from behind a loop', { ...straight, startFrame: 12, loopStart: 6, loopEnd: 11 }],
  ])('is the same for feeder and mixer: %s', (_name, order) => {
    for (const most of [1, 3, 7, 100]) {
      const { fed, heard } = walk(order, 20, most, 60);
      expect(fed).toEqual(heard);
      expect(Math.min(...fed)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...fed)).toBeLessThan(20);
    }
  });

  it('ends where there is nothing left', () => {
    expect(nextSegment(straight, 20, 20, 8)).toBeNull();
    expect(nextSegment({ ...straight, direction: -1 }, -1, 20, 8)).toBeNull();
  });

  it('repeats only the frames of the loop', () => {
    const { fed } = walk({ ...straight, startFrame: 8, loopStart: 6, loopEnd: 9 }, 20, 100, 8);
    expect(fed.slice(0, 7)).toEqual([8, 6, 7, 8, 6, 7, 8]);
  });
});
