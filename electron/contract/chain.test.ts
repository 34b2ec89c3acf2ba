import { describe, expect, it } from 'vitest';
import { chainSettingsSchema, changesVoice } from './chain.js';

const voice = (strength: number) => ({ mode: 'random', strength });
const disguise = (strength: number) => ({ strength, alpha: 'random' });

describe('chainSettingsSchema', () => {
  it('refuses voice and disguise where both would run, and says what to do', () => {
    const refused = chainSettingsSchema.safeParse({ voice: voice(0.1), disguise: disguise(0.1) });
    expect(refused.error?.issues).toMatchObject([
      { path: [], message: 'Expected voice or disguise, found both; turn one of them off' },
    ]);
  });

  it.each([
    [voice(1), undefined],
    [undefined, disguise(1)],
    [voice(1), disguise(0)],
  ])('takes voice %j with disguise %j, for one of both is off', (voice, disguise) => {
    expect(chainSettingsSchema.safeParse({ voice, disguise }).error).toBeUndefined();
  });

  it('refuses a voice of strength 0: it would let the raw voice out while everything says that another speaks', () => {
    const issues = chainSettingsSchema.safeParse({ voice: voice(0) }).error?.issues;
    expect(issues).toMatchObject([{ path: ['voice', 'strength'] }]);
  });

  it('takes the strictest clarity where none is said', () => {
    expect(chainSettingsSchema.parse({ voice: { mode: 'neutral' } }).voice).toEqual({
      ...{ mode: 'neutral', pitch: 'natural', clarity: 'strict', strength: 1, level: 'edge' },
    });
  });
});

describe('changesVoice', () => {
  it.each([
    [true, { voice: voice(0.5) }],
    [true, { disguise: disguise(0.5) }],
    [false, { disguise: disguise(0) }],
    [false, { enhance: { strength: 1 } }],
    [false, {}],
  ])('is %j of %j', (changes, chain) => {
    expect(changesVoice(chainSettingsSchema.parse(chain))).toBe(changes);
  });
});
