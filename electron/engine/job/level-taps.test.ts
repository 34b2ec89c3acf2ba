import { describe, expect, it } from 'vitest';
import { laneCount } from '../analysis/lanes.js';
import { LevelTaps, type KnownSpeech } from './level-taps.js';

/** One second of a tone. */
function tone(): Float32Array {
  return Float32Array.from({ length: 8000 }, (_, n) => 0.5 * Math.sin(n / 3));
}

/** @returns 20 s of which a sixth is speech, never half of a block, or `together` seconds without a break */
function speech(together: number | null): KnownSpeech {
  const frames = 2000;
  const values = new Float32Array(frames * laneCount);
  for (let t = 0; t < frames; t++) {
    const speaks = together === null ? t % 100 < 16 : t < together * 100;
    values[t * laneCount] = speaks ? 1 : 0;
  }
  const lanes = { frameSeconds: 0.01, frames, seconds: 20, values, noiseLabels: [], untold: [] };
  return { lanes, speechSeconds: together ?? 3.2 };
}

describe('LevelTaps', () => {
  it('compares over speech only where it fills enough blocks, else over what is loud', () => {
    const taps = new LevelTaps(8000, 1, true);
    for (let second = 0; second < 20; second += 1) {
      taps.pushRaw([tone()]);
      taps.pushResult([tone()]);
    }
    expect(taps.report(speech(10)).method).toBe('speech');
    // More than three seconds in all, and not one block that they fill to half.
    const scattered = taps.report(speech(null));
    expect(scattered.method).toBe('gated');
    expect(scattered.rawLufs).toBeGreaterThan(-20);
    expect(taps.report(speech(2.9)).method).toBe('gated');
  });

  it('measures the rest of a recording as if samples that are no numbers were silence', () => {
    const holes = [17, 18, 4000];
    const levels = [0, Number.NaN, Number.POSITIVE_INFINITY].map((value) => {
      const taps = new LevelTaps(8000, 1, true);
      for (let second = 0; second < 5; second += 1) {
        const samples = tone();
        if (second === 1) for (const hole of holes) samples[hole] = value;
        taps.pushRaw([samples]);
        taps.pushResult([samples]);
        // The file itself is written from the same samples.
        if (second === 1) expect(samples[17]).toBe(value);
      }
      return taps.report();
    });
    expect(levels[0]?.rawLufs).toBeGreaterThan(-20);
    expect(levels[1]).toEqual(levels[0]);
    expect(levels[2]).toEqual(levels[0]);
  });
});
