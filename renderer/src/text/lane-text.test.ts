import { describe, expect, it } from 'vitest';
import { formatWholeDb, noiseText, readingText, summaryLine, summaryRows, untoldText } from './lane-text.js';

const plain = (text: string) => text.replaceAll('\u2009', ' ');

describe('readingText', () => {
  it('says all values in words', () => {
    const reading = { speech: 0.97, noise: 'rain', f0Hz: 183.4, snrDb: 12.2 };
    expect(plain(readingText(reading, []))).toBe('speech 97 %, rain, 183 Hz, 12 dB');
  });

  it('says of each value that it is unknown, never 0', () => {
    const reading = { speech: 0.04, noise: null, f0Hz: null, snrDb: null };
    expect(plain(readingText(reading, []))).toBe('speech 4 %, noise unknown, no pitch, SNR unknown');
  });

  it('does not speak of silence where somebody speaks', () => {
    const reading = { speech: 0.97, noise: 'speech-free silence', f0Hz: null, snrDb: null };
    expect(plain(readingText(reading, []))).toBe('speech 97 %, no noise, no pitch, SNR unknown');
    expect(plain(noiseText([{ label: 'speech-free silence', share: 0.9 }]))).toBe('no noise 90 %');
  });

  it('does not deny a pitch where nothing is known of speech either', () => {
    const reading = { speech: null, noise: 'rain', f0Hz: null, snrDb: null };
    expect(readingText(reading, [])).toBe('speech unknown, rain, pitch unknown, SNR unknown');
  });

  it('is one word where nothing is known', () => {
    expect(readingText({ speech: null, noise: null, f0Hz: null, snrDb: null }, [])).toBe('unknown');
  });
});

describe('lanes that the net cannot tell', () => {
  const untold = ['f0Hz', 'noise'] as const;

  it('are not spoken of, neither at a moment nor in the sums', () => {
    const known = { speech: 0.97, noise: null, f0Hz: null, snrDb: 12 };
    expect(plain(readingText(known, untold))).toBe('speech 97 %, 12 dB');
    expect(readingText({ ...known, speech: null, snrDb: null }, untold)).toBe('unknown');
    const summary = {
      ...{ seconds: 200, speechSeconds: 0, unknownSeconds: 0 },
      ...{ noise: [], snrDb: null, f0Hz: null },
    };
    expect(summaryRows(summary, untold)).toEqual([
      ['Speech', 'none'],
      ['SNR', 'unknown'],
    ]);
    expect(summaryLine(summary, untold)).toBe('Speech none · SNR unknown');
  });

  it('are named in one sentence, none where the net tells everything', () => {
    expect(untoldText(['noise', 'f0Hz'])).toBe('Pitch and kind of noise cannot be read by this net.');
    expect(untoldText(['snrDb'])).toBe('SNR cannot be read by this net.');
    expect(untoldText(['speech', ...untold])).toBe(
      'Speech, pitch and kind of noise cannot be read by this net.',
    );
    expect(untoldText([])).toBe('');
  });
});

describe('summaryRows', () => {
  const summary = {
    seconds: 200,
    speechSeconds: 90,
    unknownSeconds: 10,
    noise: [
      { label: 'rain', share: 0.62 },
      { label: 'traffic', share: 0.3 },
    ],
    snrDb: -3.4,
    f0Hz: 183.4,
  };

  it('gives minutes of speech, the noises, medians and what is unknown', () => {
    expect(summaryRows(summary, []).map(([label, text]) => plain(`${label}: ${text}`))).toEqual([
      'Speech: 1:30, 45 %',
      'Noise: rain 62 %, traffic 30 %',
      'Pitch: 183 Hz, median',
      'SNR: \u22123 dB, median in speech',
      'Unknown: 10 s, 5 %',
    ]);
    expect(plain(summaryLine(summary, []))).toContain('Speech 1:30, 45 % · Noise rain 62 %');
  });

  it('invents nothing for a recording about which nothing is known', () => {
    const silent = { ...summary, speechSeconds: 0, unknownSeconds: 200, noise: [], snrDb: null, f0Hz: null };
    expect(summaryRows(silent, []).map(([label, text]) => plain(`${label}: ${text}`))).toEqual([
      'Speech: unknown',
      'Noise: unknown',
      'Pitch: unknown',
      'SNR: unknown',
      'Unknown: 3:20, 100 %',
    ]);
  });
});

describe('formatWholeDb', () => {
  it('has a real minus and no minus at 0', () => {
    expect(formatWholeDb(-0.4)).toBe('0\u2009dB');
    expect(formatWholeDb(-7)).toBe('\u22127\u2009dB');
  });
});
