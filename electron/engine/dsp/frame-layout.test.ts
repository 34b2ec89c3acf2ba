import { describe, expect, it } from 'vitest';
import { frameLayout } from './frame-layout.js';

const model = { fftSize: 512, sampleRateHz: 16_000 };

describe('the frame layout', () => {
  it.each([
    [8000, 256],
    [11_025, 352],
    [16_000, 512],
    [22_050, 706],
    [24_000, 768],
    [32_000, 1024],
    [44_100, 1440],
    [48_000, 1536],
    [88_200, 2880],
    [96_000, 3072],
    [176_400, 5760],
    [192_000, 6144],
  ])('at %i Hz takes a transform of %i samples, close to 32 ms', (sampleRateHz, fftSize) => {
    const layout = frameLayout(model, sampleRateHz);
    expect(layout.fftSize).toBe(fftSize);
    expect(layout.hopSamples).toBe(fftSize / 2);
    expect(Math.abs(fftSize / sampleRateHz / 0.032 - 1)).toBeLessThan(0.025);
    expect(layout.magnitudeScale).toBeCloseTo(512 / fftSize, 12);
  });

  it('shares only the bins that both have', () => {
    expect(frameLayout(model, 8000)).toMatchObject({ bins: 129, sharedBins: 129, modelBins: 257 });
    expect(frameLayout(model, 48_000)).toMatchObject({ bins: 769, sharedBins: 257, modelBins: 257 });
  });

  it('exists for every odd rate a recorder may have', () => {
    for (let sampleRateHz = 4000; sampleRateHz < 200_000; sampleRateHz += 997) {
      const { fftSize } = frameLayout(model, sampleRateHz);
      expect(fftSize % 2).toBe(0);
      expect(Math.abs(fftSize / sampleRateHz / 0.032 - 1)).toBeLessThan(0.025);
    }
  });
});
