import { describe, expect, it } from 'vitest';
import { chainSettingsSchema } from '../../../electron/contract/chain.js';
import { otherInExport, previewWords } from './preview-words.js';

const voice = (mode: string) => chainSettingsSchema.parse({ voice: { mode, strength: 1 } });
const disguise = (alpha: unknown, strength: number) =>
  chainSettingsSchema.parse({ disguise: { alpha, strength } });

describe('otherInExport', () => {
  it('names a voice that is random, and says that the neutral one, drawn for all, is only near', () => {
    expect(otherInExport(voice('random'))).toBe(previewWords.drawsVoice);
    expect(otherInExport(voice('neutral'))).toBe(previewWords.nearVoice);
  });

  it('names a disguise that is random', () => {
    expect(otherInExport(disguise('random', 0.5))).toBe(previewWords.drawsDisguise);
    expect(otherInExport(disguise(0.7, 0.5))).toBe('');
  });

  it('names nothing that is off', () => {
    const { voice: random } = voice('random');
    expect(otherInExport({ voice: { ...random!, strength: 0 } })).toBe('');
    expect(otherInExport(disguise('random', 0))).toBe('');
    expect(otherInExport({})).toBe('');
  });
});
