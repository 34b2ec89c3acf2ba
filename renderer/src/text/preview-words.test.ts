import { describe, expect, it } from 'vitest';
import { chainSettingsSchema } from '../../../electron/contract/chain.js';
import { drawnAnew, previewWords } from './preview-words.js';

const voice = (mode: string) => chainSettingsSchema.parse({ voice: { mode, strength: 1 } });
const disguise = (alpha: unknown, strength: number) =>
  chainSettingsSchema.parse({ disguise: { alpha, strength } });

describe('drawnAnew', () => {
  it('names a voice that is random, not the neutral one, which is the same in every export', () => {
    expect(drawnAnew(voice('random'))).toContain(previewWords.drawsVoice);
    expect(drawnAnew(voice('neutral'))).toBe('');
  });

  it('names a disguise that is random', () => {
    expect(drawnAnew(disguise('random', 0.5))).toBe(previewWords.drawsDisguise);
    expect(drawnAnew(disguise(0.7, 0.5))).toBe('');
  });

  it('names nothing that is off', () => {
    const { voice: random } = voice('random');
    expect(drawnAnew({ voice: { ...random!, strength: 0 } })).toBe('');
    expect(drawnAnew(disguise('random', 0))).toBe('');
    expect(drawnAnew({})).toBe('');
  });
});
