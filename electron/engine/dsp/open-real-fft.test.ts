import { describe, expect, it } from 'vitest';
import { largestDifference, naiveDft } from './naive-dft.fake.js';
import { whiteNoise } from './noise.fake.js';
import { openRealFft } from './open-real-fft.js';

/** Single precision through a few hundred terms: relative to the largest bin. */
const relativeTolerance = 2e-6;

const pffftSizes = [32, 256, 512, 720 * 2, 1536, 6144];
const otherSizes = [2, 4, 6, 10, 352, 354, 706, 1412, 2 * 311];

describe('a real FFT', () => {
  it.each([...pffftSizes, ...otherSizes])('of %i samples equals the naive DFT', async (size) => {
    const fft = await openRealFft(size);
    const time = whiteNoise(size, size);
    const spectrum = new Float32Array(size + 2);
    fft.forward(time, spectrum);
    const expected = naiveDft(time);
    const scale = expected.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
    expect(largestDifference(spectrum, expected) / scale).toBeLessThan(relativeTolerance);
    fft.close();
  });

  it.each([...pffftSizes, ...otherSizes])('of %i samples is inverted up to the factor size', async (size) => {
    const fft = await openRealFft(size);
    const time = whiteNoise(size, size + 1);
    const spectrum = new Float32Array(size + 2);
    const back = new Float32Array(size);
    fft.forward(time, spectrum);
    fft.inverse(spectrum, back);
    expect(
      largestDifference(
        back.map((value) => value / size),
        time,
      ),
    ).toBeLessThan(relativeTolerance);
    fft.close();
  });

  it.each([512, 706])('of %i samples gives exact zeros for silence', async (size) => {
    const fft = await openRealFft(size);
    fft.forward(whiteNoise(size, 1), new Float32Array(size + 2));
    const spectrum = new Float32Array(size + 2).fill(1);
    fft.forward(new Float32Array(size), spectrum);
    expect(spectrum.every((value) => value === 0)).toBe(true);
    const time = new Float32Array(size).fill(1);
    fft.inverse(spectrum, time);
    expect(time.every((value) => value === 0)).toBe(true);
    fft.close();
  });

  it.each([0, 3, 7.5, -2, Number.NaN])('of %d samples is refused', async (size) => {
    await expect(openRealFft(size)).rejects.toThrow(RangeError);
  });

  it('leaves the transforms of other sizes alone when it is closed, also twice', async () => {
    const closed = await openRealFft(1536);
    const fft = await openRealFft(512);
    closed.close();
    closed.close();
    const time = whiteNoise(512, 3);
    const spectrum = new Float32Array(514);
    fft.forward(time, spectrum);
    expect(largestDifference(spectrum, naiveDft(time))).toBeLessThan(1e-3);
    fft.close();
  });
});
