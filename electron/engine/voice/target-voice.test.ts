import { describe, expect, it } from 'vitest';
import { fakeVoices } from './voice-host.fake.js';
import { targetOf } from './target-voice.js';

describe('targetOf', () => {
  it('draws voice, melody and noise anew for every random target', () => {
    const targets = Array.from({ length: 20 }, () => targetOf('random', fakeVoices));
    for (const name of ['melodySeed', 'noiseSeed'] as const) {
      const seeds = targets.map((target) => target[name]);
      expect(new Set(seeds).size).toBe(20);
      expect(seeds.every((seed) => Number.isInteger(seed) && seed > 0 && seed < 2 ** 32)).toBe(true);
    }
    expect(new Set(targets.map(({ voice }) => voice.registerHz)).size).toBeGreaterThan(10);
    expect(targets.every(({ melodySeed, noiseSeed }) => melodySeed !== noiseSeed)).toBe(true);
  });

  it('is the same for everybody in neutral', () => {
    expect(targetOf('neutral', fakeVoices)).toEqual(targetOf('neutral', fakeVoices));
  });
});
