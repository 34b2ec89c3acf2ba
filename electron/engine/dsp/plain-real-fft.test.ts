import { describe, expect, it } from 'vitest';
import { largestDifference, naiveDft } from './naive-dft.fake.js';
import { whiteNoise } from './noise.fake.js';
import { PlainRealFft } from './plain-real-fft.js';

/** Rounded to float32 a few times, computed in float64: relative to the largest bin. */
const relativeTolerance = 1e-6;

/** Transforms of 8 to 192 kHz, and sizes with every kind of factor: none, 2, 4, odd ones, a large prime. */
const sizes = [2, 4, 6, 8, 10, 22, 352, 512, 706, 720, 1412, 1440, 1536, 6144];

describe('a plain real FFT', () => {
  it.each(sizes)('of %i samples equals the naive DFT', (size) => {
    const time = whiteNoise(size, size);
    const spectrum = new Float32Array(size + 2);
    new PlainRealFft(size).forward(time, spectrum);
    const expected = naiveDft(time);
    const scale = expected.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
    expect(largestDifference(spectrum, expected) / scale).toBeLessThan(relativeTolerance);
  });

  it.each(sizes)('of %i samples is inverted up to the factor size', (size) => {
    const fft = new PlainRealFft(size);
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
  });

  it('ignores the imaginary parts that a real signal cannot have', () => {
    const fft = new PlainRealFft(48);
    const spectrum = new Float32Array(50);
    fft.forward(whiteNoise(48, 1), spectrum);
    const plain = new Float32Array(48);
    fft.inverse(spectrum, plain);
    spectrum[1] = 5;
    spectrum[49] = -7;
    const odd = new Float32Array(48);
    fft.inverse(spectrum, odd);
    expect(odd).toEqual(plain);
  });

  it.each([0, 3, 7.5, -2, Number.NaN])('of %d samples is refused', (size) => {
    expect(() => new PlainRealFft(size)).toThrow(RangeError);
  });
});
