import { describe, expect, it } from 'vitest';
import { concreteFormats } from './output-format.js';
import { expectedBytes, leastBytes, opusBitRate } from './output-size.js';

const hour = 3600 * 48000;
const stereo = { sampleRateHz: 48000, channels: 2 };

describe('expectedBytes', () => {
  it('is exact for WAV, with header and pad byte', () => {
    expect(expectedBytes('wav16', stereo, 1000)).toBe(44 + 4000);
    expect(expectedBytes('wav24', { sampleRateHz: 48000, channels: 1 }, 1001)).toBe(44 + 3003 + 1);
    expect(expectedBytes('wav16', { sampleRateHz: 48000, channels: 4 }, 10)).toBe(68 + 80);
  });

  it('has RF64 room for a file over 4 GB', () => {
    const frames = 2 ** 31;
    expect(expectedBytes('wav16', stereo, frames)).toBe(44 + 36 + frames * 4);
  });

  it('tells the usual size of an hour of stereo, in megabytes', () => {
    const megabytes = (format: (typeof concreteFormats)[number]): number =>
      Math.round(expectedBytes(format, stereo, hour) / 1e6);
    expect(megabytes('opus')).toBe(58);
    expect(megabytes('mp3')).toBe(110);
    expect(megabytes('flac16')).toBe(415);
    expect(megabytes('wav24')).toBe(1037);
  });

  it('gives mono speech more than half of stereo', () => {
    expect([1, 2, 6].map(opusBitRate)).toEqual([96_000, 128_000, 384_000]);
  });
});

describe('leastBytes', () => {
  it('never asks for more than is expected, and for WAV for all of it', () => {
    for (const format of concreteFormats) {
      const least = leastBytes(format, stereo, hour);
      const expected = expectedBytes(format, stereo, hour);
      if (format.startsWith('wav')) expect(least).toBe(expected);
      else expect(least).toBeLessThan(expected / 1000);
      expect(least).toBeGreaterThan(0);
    }
  });
});
