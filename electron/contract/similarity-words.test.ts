import { describe, expect, it } from 'vitest';
import type { VoiceSimilarity } from './report.js';
import { similarityText } from './similarity-words.js';

const measured: VoiceSimilarity = {
  model: { model: 'speaker-embedder', level: 'fp32', sha256: 'ab' },
  speechSeconds: { raw: 15, result: 14 },
  cosine: -0.126,
  reading: 'different',
  backgroundHeard: false,
  calibration: {
    equalErrorCosine: 0.4,
    same: { low: 0.5, high: 0.912 },
    different: { low: -0.2, high: 0.3 },
  },
};
const text = (more: Partial<VoiceSimilarity> = {}): string =>
  similarityText({ ...measured, ...more }, (value) => value.toFixed(1));

describe('what is said of the voice', () => {
  it('is the similarity, what to read it by, and whose measure it is', () => {
    expect(text()).toBe(
      'as unlike as two strangers (similarity -0.1; one person mostly 0.5 to 0.9, strangers -0.2 to 0.3). ' +
        'The measure of one listener (speaker-embedder, fp32), not a promise: whoever knows this tool tells voices better.',
    );
  });

  it('is other words for every reading, none of which promises anything', () => {
    const all = (['same', 'unclear', 'different'] as const).map((reading) => text({ reading }));
    expect(new Set(all).size).toBe(3);
    for (const words of all) {
      expect(words).toContain('not a promise');
      expect(words.toLowerCase()).not.toMatch(/anonym|safe|protect/);
    }
  });

  it('is why it is unclear where noise was heard with the voice', () => {
    expect(text({ reading: 'unclear', backgroundHeard: true })).toMatch(
      /^neither clearly alike nor clearly unlike, the background was heard too \(similarity/,
    );
  });

  it('is that nothing was measured where hardly anybody spoke', () => {
    expect(text({ cosine: null, reading: 'too-little-speech' })).toMatch(/^not measured, less than a second/);
  });
});
