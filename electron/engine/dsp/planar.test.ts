import { describe, expect, it } from 'vitest';
import { concatenated, frameCount, silence } from './planar.js';

describe('planar blocks', () => {
  it('follow each other in every channel', () => {
    const parts = [
      [Float32Array.of(1, 2), Float32Array.of(-1, -2)],
      silence(2, 0),
      [Float32Array.of(3), Float32Array.of(-3)],
    ];
    expect(concatenated(parts, 2)).toEqual([Float32Array.of(1, 2, 3), Float32Array.of(-1, -2, -3)]);
    expect(concatenated([], 3)).toEqual(silence(3, 0));
  });

  it('have no frames without channels', () => {
    expect(frameCount([])).toBe(0);
    expect(frameCount(silence(2, 7))).toBe(7);
  });
});
