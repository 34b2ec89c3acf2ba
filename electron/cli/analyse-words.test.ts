import { describe, expect, it } from 'vitest';
import { analysisWords } from './analyse-words.js';

describe('analysisWords', () => {
  it('says "no noise" for the label of silence, which holds while somebody speaks too', () => {
    const summary = {
      ...{ seconds: 60, speechSeconds: 50, unknownSeconds: 0, snrDb: 30, f0Hz: 200 },
      noise: [
        { label: 'speech-free silence', share: 0.9 },
        { label: 'rain', share: 0.1 },
      ],
    };
    const words = analysisWords({ input: '/in/a.wav', summary });
    expect(words).toMatch(/^ {2}noise +no noise 90 %, rain 10 %$/m);
    expect(words).not.toContain('silence');
  });

  it('tells what the net cannot tell from what it did not find out about a recording', () => {
    const summary = { seconds: 60, speechSeconds: 0, unknownSeconds: 60, snrDb: null, f0Hz: null, noise: [] };
    const words = analysisWords({ input: '/in/a.wav', summary }, { notes: [], untold: ['noise'] });
    expect(words).toMatch(/^ {2}noise +not told: the installed net cannot tell it$/m);
    expect(words).toMatch(/^ {2}F0 +unknown$/m);
  });
});
