import { describe, expect, it } from 'vitest';
import { HighPass } from './high-pass.js';
import { sine, whiteNoise } from './noise.fake.js';

const gainDb = (given: Float32Array, found: Float32Array): number => {
  const power = (samples: Float32Array): number =>
    samples.subarray(samples.length / 2).reduce((sum, value) => sum + value * value, 0);
  return 10 * Math.log10(power(found) / power(given));
};

describe.each([8000, 11_025, 48_000, 192_000])('a high-pass of 80 Hz at %i Hz', (sampleRateHz) => {
  it('has the slope of a Butterworth filter of order 4', () => {
    for (const frequencyHz of [20, 40, 80, 160, 1000]) {
      const given = sine(2 * sampleRateHz, frequencyHz, sampleRateHz, 0.5);
      const expected = -10 * Math.log10(1 + (80 / frequencyHz) ** 8);
      const found = gainDb(given, new HighPass(80, sampleRateHz).push(given));
      expect(Math.abs(found - expected), `${frequencyHz} Hz`).toBeLessThan(0.3);
    }
  });

  it('lets nothing of a constant through, from its first sample on', () => {
    // Rounding of float32, which is what it is given.
    const found = new HighPass(80, sampleRateHz).push(new Float32Array(sampleRateHz).fill(0.7));
    expect(found.every((value) => Math.abs(value) < 1e-6)).toBe(true);
  });

  it('does not care how the stream is cut, but for what is too small to be sound', () => {
    const given = whiteNoise(4000, 5);
    const whole = new HighPass(80, sampleRateHz).push(given);
    const cut = new HighPass(80, sampleRateHz);
    const parts = [0, 1, 1, 700, 2100].map((from, at, all) => cut.push(given.subarray(from, all[at + 1])));
    expect(parts.flatMap((part) => [...part])).toEqual([...whole]);
  });
});
