import { basename, resolve } from 'node:path';
import { AppError } from '../../../contract/app-error.js';
import type { AudioFacts, Finding } from '../../../contract/audio-format.js';
import type { Precision } from '../audio-reader.js';
import { decoderWords } from './decoder-words.js';
import { askFfprobe, type FfprobeAnswer, type ProbedStream } from './ffprobe-answer.js';
import type { FileBytes } from './file-bytes.js';
import { skipId3v2 } from './mp3-first-frame.js';
import { openInput } from './open-input.js';
import { readLength } from './read-length.js';
import { sniffBytes, sniffContainer, type ContainerFamily } from './sniff-container.js';

/** Sample rates that Sotto works at. */
export const sampleRateLimitsHz = { min: 8000, max: 192000 } as const;
/** Channels that Sotto works with. */
export const maxChannels = 8;

/** A recording that can be opened, and what its reader needs to know. */
export interface ProbedInput {
  readonly path: string;
  readonly facts: AudioFacts;
  /** sample frames, for progress only: may come from a rounded duration; null when nobody can tell */
  readonly estimatedSampleFrames: number | null;
  /** ffmpeg's name for the channels' places; null when the file does not say */
  readonly channelLayout: string | null;
  /** where a padding codec must be cut; null when the decoder's own end is exact */
  readonly cutAtSampleFrames: number | null;
  /** sample frames that may be missing before the file counts as truncated */
  readonly missingToleranceFrames: number;
  /** what is already odd before decoding */
  readonly findings: readonly Finding[];
}

/** Codecs that give back exactly what was put in. */
const losslessCodec = /^(pcm_(?!alaw|mulaw|vidc|sga)|flac$|alac$|wavpack$|tta$|ape$|mlp$|truehd$)/;
/** Sample entries of protected streams in MP4 and its relatives. */
const protectedTags = new Set(['drms', 'drmi', 'enca', 'encv', 'aavd']);
/** One packet of any lossy codec in use: its header counts whole packets, or rounds to a coarse clock. */
const lossyToleranceFrames = 2304;

/**
 * Says what a recording is, without decoding it.
 * @throws AppError INPUT_NOT_FOUND, INPUT_UNREADABLE, INPUT_EMPTY, INPUT_NOT_AUDIO, INPUT_DAMAGED, INPUT_UNSUPPORTED,
 *   TOOL_MISSING, TOOL_FAILED, CANCELLED
 */
export async function probe(path: string, signal?: AbortSignal): Promise<ProbedInput> {
  const absolute = resolve(path);
  const bytes = await openInput(absolute);
  try {
    // A tag may stand before any kind of sound; what follows it says which kind.
    const family = sniffContainer(await bytes.read(await skipId3v2(bytes), sniffBytes));
    const answer = await askFfprobe(absolute, signal);
    const stream = chooseStream(absolute, answer, family);
    return await describe(absolute, bytes, answer, stream);
  } finally {
    await bytes.close();
  }
}

/** @returns the precision that carries every sample of this recording exactly */
export function exactPrecision(facts: AudioFacts): Precision {
  const wide = facts.lossless && (facts.codec.startsWith('pcm_f64') || isWideInteger(facts));
  return wide ? 'float64' : 'float32';
}

function isWideInteger(facts: AudioFacts): boolean {
  return (facts.bitsPerSample ?? 0) > 24 && !facts.codec.startsWith('pcm_f32');
}

function chooseStream(path: string, answer: FfprobeAnswer, family: ContainerFamily | null): ProbedStream {
  const name = basename(path);
  const words = decoderWords(answer.errorText, path);
  if (answer.formatName === null) {
    if (family === null || family === 'mpeg-audio') throw notAudio(name, 'no sound format');
    throw new AppError(
      'INPUT_DAMAGED',
      `Expected a whole ${family} file, found that "${name}" begins like one but cannot be read (${words}). ` +
        'Copy it again from where it was recorded.',
    );
  }
  const stream = answer.streams.find((candidate) => candidate.codec_type === 'audio');
  if (stream === undefined) {
    throw notAudio(name, `only ${answer.streams.map(streamInWords).join(', ') || 'an empty container'}`);
  }
  const { sample_rate: sampleRateHz = 0, channels = 0 } = stream;
  if (protectedTags.has(stream.codec_tag_string ?? '')) {
    throw unsupported(
      name,
      'a recording without copy protection',
      'one protected by DRM',
      'Export it unprotected',
    );
  }
  // Random bytes can pass for MPEG frames until one is looked at.
  if (family === null && sampleRateHz === 0) throw notAudio(name, 'no sound format');
  if (stream.codec_name === undefined || stream.codec_name === 'unknown') {
    const tag = stream.codec_tag_string ?? 'without a name';
    throw unsupported(name, 'a known sound codec', `codec ${tag}`, 'Convert it to WAV or FLAC');
  }
  if (sampleRateHz === 0 || channels === 0) {
    throw new AppError(
      'INPUT_DAMAGED',
      `Expected sound in "${name}", found nothing that decodes${words === '' ? '' : ` (${words})`}. Copy it again from where it was recorded.`,
    );
  }
  if (channels > maxChannels) {
    throw unsupported(name, `1 to ${maxChannels} channels`, `${channels}`, 'Export fewer channels');
  }
  const { min, max } = sampleRateLimitsHz;
  if (sampleRateHz < min || sampleRateHz > max) {
    throw unsupported(name, `a sample rate of ${min} to ${max} Hz`, `${sampleRateHz} Hz`, 'Resample it');
  }
  return stream;
}

function notAudio(name: string, found: string): AppError {
  return new AppError(
    'INPUT_NOT_AUDIO',
    `Expected a sound recording, found ${found} in "${name}". Choose a WAV, AIFF, FLAC, MP3, M4A, Ogg, Opus, MP4, MOV or MKV file with sound.`,
  );
}

function unsupported(name: string, expected: string, found: string, advice: string): AppError {
  return new AppError(
    'INPUT_UNSUPPORTED',
    `Expected ${expected}, found ${found} in "${name}". ${advice} with the program it comes from.`,
    { expected, found },
  );
}

async function describe(
  path: string,
  bytes: FileBytes,
  answer: FfprobeAnswer,
  stream: ProbedStream,
): Promise<ProbedInput> {
  const container = answer.formatName?.split(',')[0] ?? '';
  const codec = stream.codec_name ?? '';
  const sampleRateHz = stream.sample_rate ?? 0;
  const lossless = losslessCodec.test(codec);
  const bits = stream.bits_per_raw_sample ?? stream.bits_per_sample ?? 0;
  const others = answer.streams.filter((other) => other !== stream);
  // A cover picture is no other recording: it is listed with the tags that are left out.
  const leftOut = others.filter((other) => !isCover(other)).map(streamInWords);
  const length = await readLength(bytes, { container, codec, sampleRateHz, stream });
  const estimated =
    answer.durationSeconds === null ? null : Math.round(answer.durationSeconds * sampleRateHz);
  const findings: Finding[] = [...length.findings];
  if (leftOut.length > 0) {
    findings.push({
      code: 'OTHER_STREAMS',
      message: `Only the first sound stream is used; left out: ${leftOut.join('; ')}.`,
    });
  }
  return {
    path,
    facts: {
      container,
      codec,
      sampleRateHz,
      channels: stream.channels ?? 0,
      bitsPerSample: lossless && bits > 0 ? bits : null,
      lossless,
      declaredSampleFrames: length.declaredSampleFrames,
      sizeBytes: bytes.sizeBytes,
      otherStreams: others.map(streamInWords),
    },
    estimatedSampleFrames: length.availableSampleFrames ?? length.declaredSampleFrames ?? estimated,
    channelLayout: plainLayout(stream.channel_layout),
    cutAtSampleFrames: container === 'mov' && !lossless ? length.declaredSampleFrames : null,
    missingToleranceFrames: lossless ? 0 : lossyToleranceFrames,
    findings,
  };
}

function plainLayout(layout: string | undefined): string | null {
  return layout !== undefined && layout !== 'unknown' && /^[A-Za-z0-9.()+]+$/.test(layout) ? layout : null;
}

function streamInWords(stream: ProbedStream): string {
  const codec = stream.codec_name ?? stream.codec_tag_string ?? 'unknown';
  if (isCover(stream)) return `cover picture (${codec})`;
  if (stream.codec_type === 'audio') return `sound ${codec}, ${stream.channels ?? 0} channels`;
  return `${stream.codec_type ?? 'data'} (${codec})`;
}

function isCover(stream: ProbedStream): boolean {
  return stream.disposition?.attached_pic === 1;
}
