import { describe, expect, it } from 'vitest';
import { KWeightedChannel, kWeighting } from './k-weighting.js';
import { sine, whiteNoise } from './noise.fake.js';

/** The recommendation prints 14 decimals; its analogue prototype is known to about ten. */
const tableTolerance = 1e-9;

describe('the K-weighting', () => {
  it('has the coefficients of the recommendation at 48 kHz', () => {
    const [shelf, highPass] = kWeighting(48_000);
    const expected = [
      [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
      [1, -2, 1, -1.99004745483398, 0.99007225036621],
    ];
    for (const [i, filter] of [shelf, highPass].entries()) {
      const found = [filter.b0, filter.b1, filter.b2, filter.a1, filter.a2];
      found.forEach((value, n) => {
        expect(Math.abs(value - expected[i]![n]!)).toBeLessThan(tableTolerance);
      });
    }
  });

  it.each([8000, 44_100, 192_000])('passes 1 kHz at the same level at %i Hz as at 48 kHz', (sampleRateHz) => {
    const levelDb = (rate: number): number => {
      const energy = new KWeightedChannel(rate).energy(sine(rate * 2, 997, rate, 0.5), 0, rate * 2);
      return 10 * Math.log10(energy / (rate * 2));
    };
    expect(Math.abs(levelDb(sampleRateHz) - levelDb(48_000))).toBeLessThan(0.05);
  });

  it('does not care how the samples are cut', () => {
    const samples = whiteNoise(1000, 4);
    const whole = new KWeightedChannel(48_000).energy(samples, 0, 1000);
    const cut = new KWeightedChannel(48_000);
    expect(cut.energy(samples, 0, 333) + cut.energy(samples, 333, 1000)).toBeCloseTo(whole, 9);
  });

  it('falls silent instead of decaying into denormal numbers', () => {
    const channel = new KWeightedChannel(48_000);
    channel.energy(whiteNoise(4800, 5), 0, 4800);
    const zeros = new Float32Array(480_000);
    channel.energy(zeros, 0, zeros.length);
    expect(channel.energy(zeros, 0, zeros.length)).toBe(0);
  });
});
