import { describe, expect, it } from 'vitest';
import { frameLayout } from './frame-layout.js';
import { MagnitudeFrames } from './magnitude-frames.js';
import { sine, whiteNoise } from './noise.fake.js';
import type { Planar } from './planar.js';
import { openRealFft } from './open-real-fft.js';

const model = { fftSize: 512, sampleRateHz: 16_000 };

/** @returns the magnitudes of all frames that `signal` fills, fed in pieces of `pieceFrames` */
async function magnitudesOf(
  signal: Planar,
  sampleRateHz: number,
  pieceFrames: number,
): Promise<Float32Array[]> {
  const layout = frameLayout(model, sampleRateHz);
  const fft = await openRealFft(layout.fftSize);
  const frames = new MagnitudeFrames(fft, layout, signal.length);
  const spectra = signal.map(() => new Float32Array(fft.size + 2));
  const magnitudes: Float32Array[] = [];
  for (let start = 0; start < signal[0]!.length; start += pieceFrames) {
    const piece = signal.map((samples) => samples.subarray(start, start + pieceFrames));
    for (let at = 0; at < piece[0]!.length;) {
      at += frames.feed(piece, at);
      if (!frames.ready) continue;
      const magnitude = new Float32Array(layout.modelBins);
      frames.take(spectra, 0, magnitude);
      magnitudes.push(magnitude);
    }
  }
  fft.close();
  return magnitudes;
}

describe('the magnitudes of frames', () => {
  it('do not depend on how the stream is cut', async () => {
    const signal = [whiteNoise(20_000, 1), whiteNoise(20_000, 2)];
    const whole = await magnitudesOf(signal, 48_000, 20_000);
    expect(whole).toHaveLength(26);
    expect(await magnitudesOf(signal, 48_000, 317)).toEqual(whole);
  });

  it('are those of the model whatever the rate of the recording is', async () => {
    // 1 kHz is the centre of bin 32 at every rate here.
    for (const sampleRateHz of [16_000, 48_000, 96_000]) {
      const found = (
        await magnitudesOf([sine(sampleRateHz, 1000, sampleRateHz, 0.5)], sampleRateHz, 4096)
      )[20]!;
      // Half the amplitude times the sum of the sqrt-Hann window, 2 / pi a sample.
      expect(found[32]).toBeCloseTo((0.5 / 2) * 512 * (2 / Math.PI), 2);
      expect(found[100]! / found[32]!).toBeLessThan(1e-3);
    }
  });

  it('of several channels are their root-mean-square, and zero where the recording has no bins', async () => {
    const tone = sine(8000, 1000, 8000, 0.5);
    const [one, two] = [
      await magnitudesOf([tone], 8000, 999),
      await magnitudesOf([tone, new Float32Array(8000)], 8000, 999),
    ];
    expect(two[9]![32]).toBeCloseTo(one[9]![32]! / Math.SQRT2, 3);
    expect(one[9]!.subarray(129).every((value) => value === 0)).toBe(true);
  });

  it('refuses numbers too large to be sound', async () => {
    await expect(magnitudesOf([new Float32Array(4096).fill(3e38)], 16_000, 4096)).rejects.toMatchObject({
      code: 'INPUT_DAMAGED',
    });
  });
});
