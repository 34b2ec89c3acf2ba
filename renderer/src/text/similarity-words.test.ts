import { expect, it } from 'vitest';
import { similaritySentence } from './similarity-words.js';

it('says of the voice what the command line says, with real minus signs', () => {
  const sentence = similaritySentence({
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
  });
  expect(sentence).toContain('Against raw: as unlike as two strangers (similarity \u22120.13; one person');
  expect(sentence).toContain('0.50 to 0.91, strangers \u22120.20 to 0.30)');
});
