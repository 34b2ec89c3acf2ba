import { describe, expect, it } from 'vitest';
import { loudnessMatch } from './loudness-match.js';

const quieter = { rawLufs: -20, resultLufs: -23, method: 'gated' } as const;

describe('loudnessMatch', () => {
  it('lowers the louder side by the measured difference and never raises one', () => {
    const match = loudnessMatch(quieter, 1, 1);
    expect(match?.differenceDb).toBeCloseTo(-3, 9);
    expect(match?.rawGain).toBeCloseTo(10 ** (-3 / 20), 9);
    expect(match?.resultGain).toBe(1);
    const louder = loudnessMatch({ rawLufs: -23, resultLufs: -20, method: 'gated' }, 1, 1);
    expect(louder?.rawGain).toBe(1);
    expect(louder?.resultGain).toBeCloseTo(10 ** (-3 / 20), 9);
  });

  it('finds no difference at strength 0, where the result is the raw recording', () => {
    expect(loudnessMatch(quieter, 1, 0)?.differenceDb).toBeCloseTo(0, 9);
    expect(loudnessMatch(quieter, 0.6, 0)?.differenceDb).toBeCloseTo(0, 9);
  });

  it('gives the measured difference back at the rendered strength, whichever it was', () => {
    expect(loudnessMatch(quieter, 0.4, 0.4)?.differenceDb).toBeCloseTo(-3, 9);
    expect(loudnessMatch(quieter, 0.4, 0.4)?.measured).toBe(true);
    expect(loudnessMatch(quieter, 0.4, 0.3)?.measured).toBe(false);
  });

  it('grows steadily with the strength heard', () => {
    const differences = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
      (strength) => loudnessMatch(quieter, 1, strength)?.differenceDb ?? Number.NaN,
    );
    expect(differences).toEqual([...differences].sort((a, b) => b - a));
  });

  it('agrees with uncorrelated signals mixed at half strength', () => {
    // kept has power 0.5, removed 0.5: at strength 0.5 there is 0.5 + 0.25 x 0.5 left.
    const half = { rawLufs: 0, resultLufs: 10 * Math.log10(0.5), method: 'gated' } as const;
    expect(loudnessMatch(half, 1, 0.5)?.differenceDb).toBeCloseTo(10 * Math.log10(0.625), 9);
  });

  it('matches nothing when a side is silent', () => {
    expect(loudnessMatch({ rawLufs: -20, resultLufs: null, method: 'gated' }, 1, 1)).toBeNull();
  });
});
