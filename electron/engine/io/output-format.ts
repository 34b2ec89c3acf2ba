import { AppError } from '../../contract/app-error.js';
import type { AudioFacts, Finding, OutputFormat } from '../../contract/audio-format.js';
import type { WriterFormat } from './audio-writer.js';

/** Every kind of file Sotto writes. The number is bits per sample; `f` marks floating point. */
export const concreteFormats = [
  'wav8',
  'wav16',
  'wav24',
  'wav32',
  'wav32f',
  'wav64f',
  'flac16',
  'flac24',
  'mp3',
  'opus',
] as const;

/** One of {@link concreteFormats}: what an {@link OutputFormat} becomes once the source is known. */
export type ConcreteFormat = (typeof concreteFormats)[number];

/** Sample rates that MPEG layer III defines, in Hz (ISO 11172-3 2.4.2.3, ISO 13818-3, and the 2.5 extension). */
export const mp3RatesHz: readonly number[] = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000];

/** The one rate at which Opus plays (RFC 7845 section 4), in Hz. */
export const opusRateHz = 48000;

const maxChannels = { wav: 64, flac: 8, mp3: 2, opus: 8 } as const;

/** @returns the file name extension of `format`, without the dot */
export function extensionOf(format: ConcreteFormat): 'wav' | 'flac' | 'mp3' | 'opus' {
  if (format === 'mp3' || format === 'opus') return format;
  return format.startsWith('flac') ? 'flac' : 'wav';
}

/**
 * @returns the rate at which `format` stores a stream of `sampleRateHz`: the same rate, except that Opus always plays at
 *   48 kHz, and MP3 takes the next higher rate of its list (above 48 kHz: 44.1 kHz for its multiples, else 48 kHz)
 */
export function storedRateHz(format: ConcreteFormat, sampleRateHz: number): number {
  if (format === 'opus') return opusRateHz;
  if (format !== 'mp3') return sampleRateHz;
  const next = mp3RatesHz.find((rateHz) => rateHz >= sampleRateHz);
  return next ?? (sampleRateHz % 44100 === 0 ? 44100 : 48000);
}

/**
 * @returns sample frames that a decoder gives back for `sampleFrames` written ones: the same count where the rate is
 *   kept, else the duration rounded up to the next whole sample frame, so that nothing is cut off
 */
export function storedSampleFrames(
  format: ConcreteFormat,
  sampleRateHz: number,
  sampleFrames: number,
): number {
  return Math.ceil((sampleFrames * storedRateHz(format, sampleRateHz)) / sampleRateHz);
}

/**
 * @returns sample frames of silence to feed after a stream that is resampled, so that the resampler gives back the last
 *   sample of the sound even of a very short one: about 256 at the lower rate. 0 where the rate is kept.
 */
export function resamplerTailFrames(format: ConcreteFormat, sampleRateHz: number): number {
  const rateHz = storedRateHz(format, sampleRateHz);
  return rateHz === sampleRateHz ? 0 : Math.ceil(256 * Math.max(1, sampleRateHz / rateHz));
}

/** @throws AppError OUTPUT_UNSUPPORTED when `format` cannot hold `stream`, naming a format that can */
export function assertSupported(format: ConcreteFormat, stream: WriterFormat): void {
  const family = extensionOf(format);
  const { channels, sampleRateHz } = stream;
  if (channels > maxChannels[family]) {
    const instead = channels <= maxChannels.flac ? 'WAV or FLAC' : 'WAV';
    throw new AppError(
      'OUTPUT_UNSUPPORTED',
      `Expected at most ${maxChannels[family]} channels for ${family.toUpperCase()}, found ${channels}. ` +
        `Choose ${instead}, or mix down first.`,
      { format, channels, sampleRateHz },
    );
  }
  if (family === 'flac' && !flacHoldsRate(sampleRateHz)) {
    throw new AppError(
      'OUTPUT_UNSUPPORTED',
      `Expected a sample rate that FLAC can state, found ${sampleRateHz} Hz. Choose WAV, which keeps the rate.`,
      { format, channels, sampleRateHz },
    );
  }
}

/** A FLAC frame header states any rate to 65 535 Hz, multiples of 10 Hz to 655 350 Hz (RFC 9639 section 9.1.2). */
function flacHoldsRate(sampleRateHz: number): boolean {
  return sampleRateHz <= 65535 || (sampleRateHz % 10 === 0 && sampleRateHz <= 655350);
}

/**
 * Turns what a user asked for into the file that will be written for one recording.
 * @param format  as chosen; `same` keeps container family and sample format as closely as Sotto can write them
 * @param facts   of the source
 * @returns the concrete format, and in words whatever the user would not expect of it
 * @throws AppError OUTPUT_UNSUPPORTED when the chosen format cannot hold the recording's channels or rate
 */
export function resolveFormat(
  format: OutputFormat,
  facts: AudioFacts,
): { format: ConcreteFormat; notes: Finding[] } {
  const notes: Finding[] = [];
  const concrete =
    format === 'same' ? keepFormat(facts, notes) : format === 'flac' ? flacFor(facts, notes) : format;
  assertSupported(concrete, facts);
  noteRate(concrete, facts, notes);
  if (concrete === 'opus' && facts.channels > 2) {
    notes.push({
      code: 'CHANNELS_AS_SURROUND',
      message:
        `Opus codes ${facts.channels} channels as loudspeakers of a surround layout` +
        `${facts.channels >= 6 ? ' and keeps only low frequencies in channel 4 (LFE)' : ''}. ` +
        'Choose FLAC or WAV for separate microphones.',
    });
  }
  return { format: concrete, notes };
}

function noteRate(format: ConcreteFormat, facts: AudioFacts, notes: Finding[]): void {
  const rateHz = storedRateHz(format, facts.sampleRateHz);
  if (rateHz === facts.sampleRateHz) return;
  const reason =
    format === 'opus' ? 'Opus always plays at 48000 Hz' : `MP3 has no rate of ${facts.sampleRateHz} Hz`;
  notes.push({
    code: 'RATE_CHANGED',
    message: `${reason}: the result is resampled from ${facts.sampleRateHz} Hz to ${rateHz} Hz and lasts equally long.`,
  });
}

function flacFor(facts: AudioFacts, notes: Finding[]): ConcreteFormat {
  const bits = facts.lossless ? (facts.bitsPerSample ?? 24) : 24;
  if (facts.lossless && (bits > 24 || facts.codec.startsWith('pcm_f'))) {
    notes.push({
      code: 'DEPTH_REDUCED',
      message: `The source has ${sampleWords(facts)}; FLAC stores 24-bit integers. Choose WAV 32-bit float to keep more.`,
    });
  }
  return bits <= 16 ? 'flac16' : 'flac24';
}

function sampleWords(facts: AudioFacts): string {
  const kind = facts.codec.startsWith('pcm_f') ? 'floating-point' : 'integer';
  return `${facts.bitsPerSample ?? 'unknown'}-bit ${kind} samples`;
}

function keepFormat(facts: AudioFacts, notes: Finding[]): ConcreteFormat {
  const { codec, container } = facts;
  if (codec === 'mp3') return 'mp3';
  if (codec === 'opus') return 'opus';
  if (codec === 'flac') return keepFlac(facts, notes);
  if (codec.startsWith('pcm_')) return keepPcm(facts, notes);
  if (codec === 'vorbis') {
    notes.push(changed('Vorbis is not written; the result is Opus, its successor in the same container.'));
    return 'opus';
  }
  const held = facts.lossless ? 'without loss' : 'without a second loss; choose MP3 or Opus for a small file';
  const concrete = fitsFlac(facts) ? flacFor(facts, notes) : 'wav24';
  const name = concrete === 'wav24' ? 'WAV 24-bit' : 'FLAC';
  notes.push(
    changed(
      `${codec.toUpperCase()} (${container}) is not written; the result is ${name}, which holds it ${held}.`,
    ),
  );
  return concrete;
}

function keepFlac(facts: AudioFacts, notes: Finding[]): ConcreteFormat {
  const bits = facts.bitsPerSample ?? 24;
  if (bits > 24) {
    notes.push(changed(`FLAC is written up to 24 bit, the source has ${bits}; the result is WAV 32-bit.`));
    return 'wav32';
  }
  return bits <= 16 ? 'flac16' : 'flac24';
}

/** Depth is taken from the codec's name: it is the width that is stored, whatever the header calls valid. */
function keepPcm(facts: AudioFacts, notes: Finding[]): ConcreteFormat {
  const { container, codec } = facts;
  if (!['wav', 'rf64'].includes(container)) {
    notes.push(
      changed(
        `${container.toUpperCase()} is not written; the result is WAV, which holds samples just as well.`,
      ),
    );
  }
  const [, kind, width] = /^pcm_([usf])(\d+)/.exec(codec) ?? [];
  if (kind === 'f') return Number(width) > 32 ? 'wav64f' : 'wav32f';
  if (kind !== undefined) {
    const bits = Number(width);
    return bits <= 8 ? 'wav8' : bits <= 16 ? 'wav16' : bits <= 24 ? 'wav24' : 'wav32';
  }
  notes.push(changed(`${codec} is not written; the result is 16-bit WAV, which holds all its values.`));
  return 'wav16';
}

function fitsFlac(facts: AudioFacts): boolean {
  return facts.channels <= maxChannels.flac && flacHoldsRate(facts.sampleRateHz);
}

function changed(message: string): Finding {
  return { code: 'FORMAT_CHANGED', message };
}
