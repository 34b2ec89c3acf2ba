import { describe, expect, it } from 'vitest';
import { sine, whiteNoise } from './noise.fake.js';
import { concatenated } from './planar.js';
import { SincInterpolator } from './sinc-interpolator.js';

const fromHz = 48_000;
/** 0.01 dB of a sine of amplitude 1, and what the window's stopband leaves of its images. */
const tolerance = 1.5e-3;

/** @param sizes  how the stream is cut, in turn */
function resampled(
  samples: Float32Array,
  toHz: number,
  count: number,
  sizes: readonly number[],
): Float32Array {
  const interpolator = new SincInterpolator(fromHz, toHz);
  const parts: Float32Array[][] = [];
  for (let at = 0, turn = 0; at < samples.length; turn++) {
    const end = Math.min(samples.length, at + sizes[turn % sizes.length]!);
    parts.push([interpolator.push(samples.subarray(at, end))]);
    at = end;
  }
  return concatenated([...parts, [interpolator.finish(count)]], 1)[0]!;
}

describe('the interpolator', () => {
  it.each([8192, 11_025, 22_050, 37_800, 88_200, 96_000, 192_000])(
    'puts every sample at its instant at %i Hz, up to the highest frequency it is for',
    (toHz) => {
      for (const frequencyHz of [100, 0.5 * Math.min(12_000, toHz / 2), 0.97 * Math.min(12_000, toHz / 2)]) {
        const made = resampled(sine(9600, frequencyHz, fromHz, 1), toHz, Math.floor(toHz / 5), [4096]);
        const expected = sine(made.length, frequencyHz, toHz, 1);
        // Not at the ends, where the sine begins out of nothing.
        const from = Math.ceil(0.01 * toHz);
        const inner = made.subarray(from, made.length - from);
        const worst = inner.reduce(
          (most, value, n) => Math.max(most, Math.abs(value - expected[from + n]!)),
          0,
        );
        expect(worst, `${frequencyHz} Hz`).toBeLessThan(tolerance);
      }
    },
  );

  it('does not care how the stream is cut, and gives exactly as many samples as are asked for', () => {
    const noise = whiteNoise(20_000, 8, 0.5);
    for (const toHz of [11_025, 96_000]) {
      const count = Math.ceil((20_000 * toHz) / fromHz);
      const whole = resampled(noise, toHz, count, [20_000]);
      expect(whole).toHaveLength(count);
      expect(resampled(noise, toHz, count, [1, 7, 1000, 3])).toEqual(whole);
    }
    expect(new SincInterpolator(fromHz, 11_025).finish(3)).toEqual(new Float32Array(3));
  });

  it('keeps silence exactly silent', () => {
    expect(resampled(new Float32Array(5000), 22_050, 2000, [512]).every((value) => value === 0)).toBe(true);
  });
});
