import { describe, expect, it } from 'vitest';
import { Xorshift } from './xorshift.js';

describe('the generator', () => {
  it("gives Marsaglia's numbers", () => {
    // 723471715, 2497366906, 2064144800: the first three states from the seed of the paper.
    const random = new Xorshift(2_463_534_242);
    const states = [1, 2, 3].map(() => Math.round((random.next() + 1) * 2 ** 31));
    expect(states).toEqual([723_471_715, 2_497_366_906, 2_064_144_800]);
  });

  it('refuses the seed from which it never moves', () => {
    expect(() => new Xorshift(0)).toThrow(RangeError);
    expect(() => new Xorshift(2 ** 32)).toThrow(RangeError);
  });
});
