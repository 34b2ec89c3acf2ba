import { describe, expect, it } from 'vitest';
import type { VoiceSimilarity } from '../../../electron/contract/report.js';
import { similaritySentence, similarityWords } from './similarity-words.js';

const measured: VoiceSimilarity = {
  model: { model: 'speaker-embedder', level: 'fp32', sha256: 'ab' },
  speechSeconds: { raw: 15, result: 14 },
  cosine: -0.126,
  reading: 'different',
  calibration: {
    equalErrorCosine: 0.4,
    same: { low: 0.5, high: 0.912 },
    different: { low: -0.2, high: 0.3 },
  },
};

describe('what the window says of the voice', () => {
  it('is the similarity, what to read it by, and whose measure it is', () => {
    const sentence = similaritySentence(measured);
    expect(sentence).toContain('as unlike the raw voice as two strangers: similarity \u22120.13');
    expect(sentence).toContain('one person mostly reach 0.50 to 0.91, and two strangers \u22120.20 to 0.30.');
    expect(sentence).toContain('One listener’s measure (speaker-embedder, fp32), not a promise');
  });

  it.each(['same', 'unclear', 'different'] as const)('promises nothing where it reads "%s"', (reading) => {
    const sentence = similaritySentence({ ...measured, reading });
    expect(sentence).toContain(similarityWords.readings[reading]);
    expect(sentence).toContain('not a promise');
    expect(sentence.toLowerCase()).not.toMatch(/anonym|safe|protect/);
  });

  it('is that nothing was measured where hardly anybody spoke', () => {
    const sentence = similaritySentence({ ...measured, cosine: null, reading: 'too-little-speech' });
    expect(sentence).toBe(similarityWords.tooLittle);
  });
});
