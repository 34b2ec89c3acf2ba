import { describe, expect, it } from 'vitest';
import { cosineOf, readingOf } from './speaker-similarity.js';

describe('how alike two voices are', () => {
  it('is the cosine of their vectors, never beyond 1', () => {
    const a = Float64Array.of(0.6, 0.8);
    expect(cosineOf(a, Float64Array.of(0.8, -0.6))).toBeCloseTo(0, 12);
    expect(cosineOf(a, Float64Array.of(-0.6, -0.8))).toBeCloseTo(-1, 12);
    expect(cosineOf(Float64Array.of(0.6, 0.8 + 1e-9), Float64Array.of(0.6, 0.8 + 1e-9))).toBe(1);
  });

  it.each([
    ['apart', { low: 0.5, high: 0.9 }, { low: -0.2, high: 0.3 }],
    ['overlapping', { low: 0.3, high: 0.9 }, { low: -0.2, high: 0.5 }],
  ])('is clear only beyond both kinds of pairs, where they lie %s', (_, same, different) => {
    const calibration = { equalErrorCosine: 0.4, same, different };
    expect([-1, 0.3, 0.31, 0.4, 0.49, 0.5, 1].map((cosine) => readingOf(cosine, calibration))).toEqual([
      ...['different', 'different', 'unclear', 'unclear', 'unclear', 'same', 'same'],
    ]);
  });
});
