import { describe, expect, it } from 'vitest';
import { Xorshift } from '../dsp/xorshift.js';
import type { VoiceTable } from '../models/voice-table.js';
import { fakeVoices } from './voice-host.fake.js';
import { drawMixture, neutralVoice, systemRandom } from './target-mixture.js';

/** Even over above 0 to below 1, the same every time. */
function repeatable(seed: number): () => number {
  const random = new Xorshift(seed);
  return () => (random.next() + 1) / 2;
}

/** As many voices as the product has: 28 English ones of 54. */
const many: VoiceTable = {
  schema: 'sotto.voices/1',
  size: 1,
  voices: Array.from({ length: 54 }, (_, i) => ({
    name: `${i < 28 ? 'a' : 'z'}${i % 2 === 0 ? 'f' : 'm'}_${String.fromCharCode(97 + (i % 26), 97 + (i >> 3))}`,
    registerHz: 100 + i,
    vector: [i],
  })),
};

describe('a drawn mixture', () => {
  it('has one to three voices, mostly two, mostly English ones, as in training', () => {
    const random = repeatable(2_463_534_242);
    const draws = Array.from({ length: 2000 }, () => drawMixture(many, random));
    const share = (count: number): number => draws.filter(({ size }) => size === count).length / draws.length;
    // Three standard deviations of 2000 draws at one in two are 0.034.
    expect(Math.abs(share(1) - 0.2)).toBeLessThan(0.034);
    expect(Math.abs(share(2) - 0.6)).toBeLessThan(0.034);
    expect(Math.abs(share(3) - 0.2)).toBeLessThan(0.034);
    const names = draws.flatMap((mixture) => [...mixture.keys()]);
    const english = names.filter((name) => name.startsWith('a')).length / names.length;
    expect(Math.abs(english - 0.7)).toBeLessThan(0.034);
    expect(draws.every((mixture) => [...mixture.values()].every((weight) => weight > 0))).toBe(true);
  });

  it('gives no voice more weight than its likes: shares of two are those of Dirichlet(2)', () => {
    const random = repeatable(2_463_534_242);
    const shares = Array.from({ length: 3000 }, () => drawMixture(many, random))
      .filter(({ size }) => size === 2)
      .map((mixture) => {
        const [a = 0, b = 0] = mixture.values();
        return a / (a + b);
      });
    const mean = shares.reduce((sum, value) => sum + value, 0) / shares.length;
    const variance = shares.reduce((sum, value) => sum + (value - mean) ** 2, 0) / shares.length;
    // A beta distribution of 2 and 2.
    expect(mean).toBeCloseTo(0.5, 1);
    expect(variance).toBeCloseTo(1 / 20, 2);
  });

  it('is another one every time, of any table', () => {
    const drawn = Array.from({ length: 20 }, () => JSON.stringify([...drawMixture(many)]));
    expect(new Set(drawn).size).toBe(20);
    const [only] = fakeVoices.voices;
    expect([...drawMixture({ ...fakeVoices, voices: [only!] }).keys()]).toEqual([only!.name]);
    for (let i = 0; i < 100; i++) {
      const value = systemRandom();
      expect(value > 0 && value < 1).toBe(true);
    }
  });
});

describe('the neutral voice', () => {
  it('is all English voices in equal parts, halfway between men and women', () => {
    const { vector, registerHz } = neutralVoice(fakeVoices);
    expect([...vector]).toEqual([0.5, 0.5]);
    expect(registerHz).toBeCloseTo(Math.sqrt(200 * 100), 6);
    // Two women do not pull it up.
    const another = { ...fakeVoices.voices[0]!, name: 'bf_alice' };
    const table = { ...fakeVoices, voices: [...fakeVoices.voices, another] };
    expect(neutralVoice(table).registerHz).toBeCloseTo(Math.sqrt(200 * 100), 6);
  });
});
