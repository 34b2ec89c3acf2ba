import { describe, expect, it } from 'vitest';
import { LevelTaps } from './level-taps.js';

/** One second of a tone. */
function tone(): Float32Array {
  return Float32Array.from({ length: 8000 }, (_, n) => 0.5 * Math.sin(n / 3));
}

describe('LevelTaps', () => {
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
