import { describe, expect, it } from 'vitest';
import type { AudioFacts, OutputFormat } from '../../contract/audio-format.js';
import {
  assertSupported,
  concreteFormats,
  extensionOf,
  resolveFormat,
  storedRateHz,
  storedSampleFrames,
} from './output-format.js';

function facts(some: Partial<AudioFacts>): AudioFacts {
  return {
    container: 'wav',
    codec: 'pcm_s16le',
    sampleRateHz: 48000,
    channels: 2,
    bitsPerSample: 16,
    lossless: true,
    declaredSampleFrames: null,
    sizeBytes: 1000,
    otherStreams: [],
    ...some,
  };
}

function resolved(format: OutputFormat, some: Partial<AudioFacts>): { format: string; codes: string[] } {
  const { format: concrete, notes } = resolveFormat(format, facts(some));
  for (const { message } of notes) expect(message).toMatch(/\.$/);
  return { format: concrete, codes: notes.map(({ code }) => code) };
}

describe('resolveFormat, same', () => {
  it.each([
    ['pcm_u8', 8, 'wav8'],
    ['pcm_s16le', 16, 'wav16'],
    ['pcm_s24le', 24, 'wav24'],
    // 20 valid bits are stored in 24
    ['pcm_s24le', 20, 'wav24'],
    ['pcm_s32le', 32, 'wav32'],
    ['pcm_f32le', 32, 'wav32f'],
    ['pcm_f64le', 64, 'wav64f'],
  ])('keeps WAV %s of %i bits as %s without a word', (codec, bitsPerSample, format) => {
    expect(resolved('same', { codec, bitsPerSample })).toEqual({ format, codes: [] });
  });

  it.each([
    ['aiff', 'pcm_s24be', 24, true, 'wav24'],
    ['aiff', 'pcm_s8', 8, true, 'wav8'],
    ['aiff', 'pcm_f64be', 64, true, 'wav64f'],
    ['mov', 'pcm_s16le', 16, true, 'wav16'],
    ['wav', 'pcm_mulaw', 8, false, 'wav16'],
    ['mov', 'alac', 16, true, 'flac16'],
    ['mov', 'alac', 24, true, 'flac24'],
    ['mov', 'aac', null, false, 'flac24'],
    ['ogg', 'vorbis', null, false, 'opus'],
    ['flac', 'flac', 32, true, 'wav32'],
  ])('says what becomes of %s with %s of %s bits', (container, codec, bitsPerSample, lossless, format) => {
    expect(resolved('same', { container, codec, bitsPerSample, lossless })).toEqual({
      format,
      codes: ['FORMAT_CHANGED'],
    });
  });

  it('keeps FLAC, MP3 and Opus', () => {
    const codecs = [
      ['flac', 16, 'flac16'],
      ['flac', 24, 'flac24'],
      ['flac', 8, 'flac16'],
      ['mp3', null, 'mp3'],
      ['opus', null, 'opus'],
    ] as const;
    for (const [codec, bitsPerSample, format] of codecs) {
      expect(resolved('same', { container: codec, codec, bitsPerSample })).toEqual({ format, codes: [] });
    }
  });

  it('takes WAV where FLAC would be the choice but cannot hold the channels', () => {
    const aac = { container: 'mov', codec: 'aac', bitsPerSample: null, lossless: false, channels: 16 };
    expect(resolved('same', aac).format).toBe('wav24');
  });
});

describe('resolveFormat, chosen', () => {
  it.each([
    ['pcm_s16le', 16, true, 'flac16', []],
    ['pcm_u8', 8, true, 'flac16', []],
    ['pcm_s24le', 24, true, 'flac24', []],
    ['pcm_s32le', 32, true, 'flac24', ['DEPTH_REDUCED']],
    ['pcm_f32le', 32, true, 'flac24', ['DEPTH_REDUCED']],
    ['mp3', null, false, 'flac24', []],
  ])('makes of %s with %s bits as FLAC %s', (codec, bitsPerSample, lossless, format, codes) => {
    expect(resolved('flac', { codec, bitsPerSample, lossless })).toEqual({ format, codes });
  });

  it('says when the rate changes', () => {
    expect(resolved('opus', { sampleRateHz: 44100 })).toEqual({ format: 'opus', codes: ['RATE_CHANGED'] });
    expect(resolved('mp3', { sampleRateHz: 96000 })).toEqual({ format: 'mp3', codes: ['RATE_CHANGED'] });
    expect(resolved('mp3', { sampleRateHz: 44100 })).toEqual({ format: 'mp3', codes: [] });
    expect(resolved('wav16', { sampleRateHz: 192000 })).toEqual({ format: 'wav16', codes: [] });
  });

  it('says that Opus takes many channels for loudspeakers', () => {
    expect(resolved('opus', { channels: 6 }).codes).toEqual(['CHANNELS_AS_SURROUND']);
    expect(resolveFormat('opus', facts({ channels: 6 })).notes[0]?.message).toContain('LFE');
  });

  it.each([
    ['mp3', { channels: 3 }, /at most 2 channels.*found 3.*Choose WAV or FLAC/],
    ['mp3', { channels: 10 }, /Choose WAV, or mix down/],
    ['flac', { channels: 9 }, /at most 8 channels.*found 9.*Choose WAV/],
    ['opus', { channels: 9 }, /at most 8 channels.*found 9/],
    ['flac', { sampleRateHz: 700_000 }, /found 700000 Hz.*Choose WAV/],
    ['flac', { sampleRateHz: 96_001 }, /found 96001 Hz/],
  ] as const)('refuses %s for %o and says what to choose', (format, some, message) => {
    expect(() => resolveFormat(format, facts(some))).toThrow(message);
    expect(() => resolveFormat(format, facts(some))).toThrow(
      expect.objectContaining({ code: 'OUTPUT_UNSUPPORTED' }),
    );
  });
});

describe('the rate and length that are stored', () => {
  it('keeps both, except where the format has no such rate', () => {
    for (const format of concreteFormats.filter((f) => f !== 'mp3' && f !== 'opus')) {
      expect(storedRateHz(format, 44101)).toBe(44101);
      expect(storedSampleFrames(format, 44101, 12345)).toBe(12345);
    }
    const rates = [8000, 44100, 48000, 50000, 88200, 96000, 176400, 192000, 37800, 4000];
    expect(rates.map((rateHz) => storedRateHz('mp3', rateHz))).toEqual([
      8000, 44100, 48000, 48000, 44100, 48000, 44100, 48000, 44100, 8000,
    ]);
    expect(storedRateHz('opus', 44100)).toBe(48000);
  });

  it('rounds a resampled length up, so that the end is not cut off', () => {
    expect(storedSampleFrames('opus', 44100, 1)).toBe(2);
    expect(storedSampleFrames('opus', 44100, 44100)).toBe(48000);
    expect(storedSampleFrames('mp3', 96000, 3)).toBe(2);
    // 24 h, where 32-bit arithmetic would have failed
    expect(storedSampleFrames('opus', 44100, 86400 * 44100)).toBe(86400 * 48000);
  });

  it('knows the extension of every format', () => {
    expect(concreteFormats.map(extensionOf).join(' ')).toBe('wav wav wav wav wav wav flac flac mp3 opus');
  });

  it('lets every format hold one and two channels of the usual rates', () => {
    for (const format of concreteFormats) {
      for (const sampleRateHz of [8000, 11025, 22050, 44100, 48000, 96000, 192000]) {
        for (const channels of [1, 2]) assertSupported(format, { sampleRateHz, channels });
      }
    }
  });
});
