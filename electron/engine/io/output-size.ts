import type { WriterFormat } from './audio-writer.js';
import { storedRateHz, type ConcreteFormat } from './output-format.js';
import { wavFileBytes } from './wav/wav-header.js';

/**
 * Bits per second of an Opus file: transparent for speech and nearly so for music in listening tests.
 * Mono has more than half of stereo, since it shares nothing; each channel of a surround layout counts half a stereo pair.
 * @see https://wiki.xiph.org/Opus_Recommended_Settings
 */
export function opusBitRate(channels: number): number {
  return channels === 1 ? 96_000 : 64_000 * channels;
}

/** LAME's variable bit rate quality: V0, the best, about 245 kbit/s for stereo music and less for speech. */
export const mp3Quality = 0;

const mp3BitsPerSecond = 245_000;

/** Share of plain PCM that FLAC needs: typical, and the least that a real recording was taken to need. */
const flacShare = { expected: 0.6, least: 0.25 } as const;

/** Share of the nominal rate that a lossy encoder was taken to need at least. */
const lossyLeastShare = 0.25;

/** @returns the likely size of the whole file, in bytes; exact for WAV */
export function expectedBytes(format: ConcreteFormat, stream: WriterFormat, sampleFrames: number): number {
  const seconds = sampleFrames / stream.sampleRateHz;
  switch (format) {
    case 'mp3':
      return Math.ceil((seconds * mp3BitsPerSecond * stream.channels) / 2 / 8);
    case 'opus':
      return Math.ceil((seconds * opusBitRate(stream.channels)) / 8);
    case 'flac16':
    case 'flac24':
      return Math.ceil(flacShare.expected * pcmBytes(format, stream, sampleFrames));
    default: {
      const bytes = pcmBytes(format, stream, sampleFrames);
      return wavFileBytes(format, stream, bytes, bytes > 0xffffff00);
    }
  }
}

/** @returns bytes below which the file cannot fit, so that a job is refused before it starts and never without need */
export function leastBytes(format: ConcreteFormat, stream: WriterFormat, sampleFrames: number): number {
  const bytes = expectedBytes(format, stream, sampleFrames);
  if (format === 'mp3' || format === 'opus') return Math.floor(bytes * lossyLeastShare);
  if (format === 'flac16' || format === 'flac24') {
    return Math.floor((bytes * flacShare.least) / flacShare.expected);
  }
  return bytes;
}

function pcmBytes(format: ConcreteFormat, stream: WriterFormat, sampleFrames: number): number {
  const bits = Number(/\d+/.exec(format)?.[0]);
  const rateRatio = storedRateHz(format, stream.sampleRateHz) / stream.sampleRateHz;
  return (sampleFrames * rateRatio * stream.channels * bits) / 8;
}
