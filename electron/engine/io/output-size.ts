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

/** Share of plain PCM that FLAC typically needs. */
const flacShare = 0.6;

/**
 * Share of the expected size that a compressed file needs at least. Digital silence in FLAC is the smallest: a frame of 4096
 * samples in 8 channels of 24 bits takes 41 bytes, 0.07 % of what is expected.
 */
const compressedLeastShare = 1 / 2000;

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
      return Math.ceil(flacShare * pcmBytes(format, stream, sampleFrames));
    default: {
      const bytes = pcmBytes(format, stream, sampleFrames);
      return wavFileBytes(format, stream, bytes, bytes > 0xffffff00);
    }
  }
}

/** @returns bytes below which the file cannot fit, so that a job is refused before it starts and never without need: a compressed file may
 *   turn out tiny, and a disk that fills up while it is written is answered there */
export function leastBytes(format: ConcreteFormat, stream: WriterFormat, sampleFrames: number): number {
  const bytes = expectedBytes(format, stream, sampleFrames);
  return format.startsWith('wav') ? bytes : Math.floor(bytes * compressedLeastShare);
}

function pcmBytes(format: ConcreteFormat, stream: WriterFormat, sampleFrames: number): number {
  const bits = Number(/\d+/.exec(format)?.[0]);
  const rateRatio = storedRateHz(format, stream.sampleRateHz) / stream.sampleRateHz;
  return (sampleFrames * rateRatio * stream.channels * bits) / 8;
}
