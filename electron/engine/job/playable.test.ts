import { describe, expect, it } from 'vitest';
import { playable } from './playable.js';

describe.each([
  ['float32', (values: number[]) => Float32Array.from(values), [NaN, Infinity, -Infinity]],
  ['float64', (values: number[]) => Float64Array.from(values), [NaN, Infinity, -Infinity, 1e39, -1e39]],
] as const)('a block of %s', (_, from, spoilt) => {
  it('is itself when every sample can be heard, whatever its length', () => {
    for (const length of [0, 1, 2, 7, 8]) {
      const block = [from(new Array<number>(length).fill(-3.4e38))] as Parameters<typeof playable>[0];
      expect(playable(block)).toBe(block);
    }
  });

  it.each(spoilt)('has silence in place of %d, wherever it stands, and is left as it was', (value) => {
    for (const length of [1, 2, 7, 8]) {
      for (let at = 0; at < length; at++) {
        const samples = from(new Array<number>(length).fill(0.5));
        samples[at] = value;
        const before = samples.slice();
        const [heard] = playable([samples] as Parameters<typeof playable>[0]);
        expect(heard![at]).toBe(0);
        expect(Array.from(heard!).filter((sample) => sample === 0.5)).toHaveLength(length - 1);
        expect(samples).toEqual(before);
      }
    }
  });
});
