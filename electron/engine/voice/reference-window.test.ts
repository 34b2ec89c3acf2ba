import { describe, expect, it } from 'vitest';
import { whiteNoise } from '../dsp/noise.fake.js';
import { melBandCount, MelFrames } from '../dsp/mel-frames.js';
import { referenceFrames } from '../models/model-manifest.js';
import { ReferenceWindow } from './reference-window.js';

/** Rows go through float32 transforms of another scale. */
const rowTolerance = 1e-3;

async function logMel(sound: Float32Array): Promise<Float64Array[]> {
  const rows: Float64Array[] = [];
  const frames = await MelFrames.open(16_000, 1);
  frames.push([sound], (row) => rows.push(row.slice()));
  frames.finish((row) => rows.push(row.slice()));
  frames.close();
  return rows;
}

const power = (samples: Float32Array): number =>
  samples.reduce((sum, value) => sum + value * value, 0) / samples.length;

describe('a window of speech', () => {
  it('is the log mel of the sound at the level of training, its floor included, however loud it was', async () => {
    const sound = whiteNoise(32_000, 3).map((value, n) => value * Math.exp(-n / 4000));
    const parts = Array.from({ length: 200 }, (_, t) => power(sound.subarray(160 * t, 160 * t + 160)));
    const active = parts.filter((one) => one > 1e-3 * Math.max(...parts));
    const rms = Math.sqrt(active.reduce((sum, one) => sum + one, 0) / active.length);
    const wanted = await logMel(sound.map((value) => (0.08 / rms) * value));
    for (const gain of [1, 0.01]) {
      const window = new ReferenceWindow();
      const rows = await logMel(sound.map((value) => gain * value));
      rows.forEach((row, t) => {
        window.add(row, gain ** 2 * parts[t]!);
      });
      expect(window.filled).toBe(referenceFrames);
      const mel = window.levelled(0.08);
      expect(mel).toHaveLength(melBandCount * referenceFrames);
      for (let band = 0; band < melBandCount; band++) {
        for (let t = 0; t < referenceFrames; t++) {
          const away = Math.abs(mel[band * referenceFrames + t]! - wanted[t]![band]!);
          expect(away, `band ${band}, frame ${t}, gain ${gain}`).toBeLessThan(rowTolerance);
        }
      }
      // The floor can be seen where it is soft.
      expect(Math.min(...mel)).toBeLessThan(Math.log(1e-13) + 7);
    }
  });

  it('repeats what it holds until it is long enough, and begins anew when cleared', () => {
    const window = new ReferenceWindow();
    const row = (value: number): Float64Array => new Float64Array(melBandCount).fill(value);
    for (let t = 0; t < 60; t++) window.add(row(-t / 10), 1);
    const mel = window.levelled(1);
    for (let t = 0; t < referenceFrames; t++) expect(mel[t]).toBeCloseTo(-(t % 60) / 10, 5);
    window.clear();
    window.add(row(-3), 1);
    expect(window.levelled(1).every((value) => Math.abs(value + 3) < 1e-5)).toBe(true);
  });
});
