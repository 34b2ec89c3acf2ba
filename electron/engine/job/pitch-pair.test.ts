import { afterEach, describe, expect, it } from 'vitest';
import { whiteNoise } from '../dsp/noise.fake.js';
import type { Planar } from '../dsp/planar.js';
import { PitchPair } from './pitch-pair.js';

const sampleRateHz = 16_000;
const open: PitchPair[] = [];
afterEach(() => {
  for (const pair of open.splice(0)) pair.close();
});

/** The tracker's grid of lags is interpolated; a semitone is 6 %. */
const nearHz = 2;

/** Eight harmonics, so that it sounds voiced. */
function voice(f0Hz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: seconds * sampleRateHz }, (_, n) => {
    let value = 0;
    for (let harmonic = 1; harmonic <= 8; harmonic++) {
      value += Math.cos((2 * Math.PI * harmonic * f0Hz * n) / sampleRateHz) / harmonic;
    }
    return 0.1 * value;
  });
}

async function pairOf(raw: Planar, result: Planar): Promise<Float32Array> {
  const pair = await PitchPair.open(sampleRateHz, raw.length);
  open.push(pair);
  pair.pushRaw(raw);
  pair.pushResult(result);
  return pair.finish();
}

describe('PitchPair', () => {
  it('says F0 before and after on one grid, a hundred times a second', async () => {
    const values = await pairOf([voice(120, 2)], [voice(180, 2)]);
    expect(values).toHaveLength(2 * 200);
    for (let frame = 20; frame < 180; frame++) {
      expect(Math.abs(values[2 * frame]! - 120)).toBeLessThan(nearHz);
      expect(Math.abs(values[2 * frame + 1]! - 180)).toBeLessThan(nearHz);
    }
  });

  it('invents nothing: silence and noise have no F0, whatever the other one has', async () => {
    const noise = whiteNoise(2 * sampleRateHz, 5).map((value) => 0.1 * value);
    const values = await pairOf([voice(120, 2)], [noise]);
    const voiced = (column: 0 | 1): number =>
      values.filter((value, index) => index % 2 === column && !Number.isNaN(value)).length;
    expect(voiced(0)).toBeGreaterThan(180);
    expect(voiced(1)).toBeLessThan(10);
    const silent = await pairOf([new Float32Array(sampleRateHz)], [new Float32Array(sampleRateHz)]);
    expect(silent.every(Number.isNaN)).toBe(true);
  });
});
