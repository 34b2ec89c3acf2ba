import { describe, expect, it } from 'vitest';
import { whiteNoise } from './noise.fake.js';
import { PeakBins } from './peaks.js';
import type { Planar } from './planar.js';

function peaksOf(signal: Planar, samplesPerPeak: number, blockFrames: number): number[] {
  const peaks = new PeakBins(signal.length, samplesPerPeak);
  const found: number[] = [];
  for (let at = 0; at < signal[0]!.length; at += blockFrames) {
    found.push(...peaks.push(signal.map((samples) => samples.subarray(at, at + blockFrames))));
  }
  return [...found, ...peaks.finish()];
}

describe('peak bins', () => {
  it('hold the smallest and largest sample of each channel, bin by bin', () => {
    const signal = [Float32Array.of(0, 0.5, -0.25, 1, 1), Float32Array.of(0.1, 0.2, -1, 0, -0.5)];
    const int16 = (value: number): number => Math.round(Math.fround(value) * 32_767);
    expect(peaksOf(signal, 2, 5)).toEqual(
      [...[0, 0.5, 0.1, 0.2], ...[-0.25, 1, -1, 0], ...[1, 1, -0.5, -0.5]].map(int16),
    );
  });

  it('do not depend on how the stream is cut', () => {
    const signal = [whiteNoise(10_007, 1), whiteNoise(10_007, 2)];
    const whole = peaksOf(signal, 480, 20_000);
    expect(whole).toHaveLength(Math.ceil(10_007 / 480) * 4);
    for (const blockFrames of [1, 479, 480, 481, 5000])
      expect(peaksOf(signal, 480, blockFrames)).toEqual(whole);
  });

  it('clip what is louder than full scale', () => {
    expect(peaksOf([Float32Array.of(3, -7)], 2, 2)).toEqual([-32_767, 32_767]);
  });

  it('are none for no samples', () => {
    expect(peaksOf([new Float32Array(0)], 480, 10)).toEqual([]);
  });
});
