import { describe, expect, it } from 'vitest';
import { PlanarQueue } from './planar-queue.js';

describe('a planar queue', () => {
  it('gives back what went in, in order, however it is cut', () => {
    const queue = new PlanarQueue(2);
    const given = Array.from({ length: 60 }, (_, n) => n);
    for (let at = 0; at < 60; at += 7) {
      const part = given.slice(at, at + 7);
      queue.push([Float32Array.from(part), Float32Array.from(part, (n) => n + 100)]);
    }
    const taken = [0, 1, 13, 7, 39].map((frames) => queue.take(frames));
    expect(taken.flatMap((block) => [...block[0]!])).toEqual(given);
    expect(taken.flatMap((block) => [...block[1]!])).toEqual(given.map((n) => n + 100));
    expect(queue.frames).toBe(0);
  });

  it('keeps a copy: the caller may use its block again', () => {
    const queue = new PlanarQueue(1);
    const block = [Float32Array.of(1, 2)];
    queue.push(block);
    block[0]!.fill(9);
    expect(queue.take(2)).toEqual([Float32Array.of(1, 2)]);
  });

  it('refuses to give more than it holds', () => {
    const queue = new PlanarQueue(1);
    queue.push([new Float32Array(3)]);
    expect(() => queue.take(4)).toThrow(RangeError);
    expect(queue.frames).toBe(3);
  });
});
