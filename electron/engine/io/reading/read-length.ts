import type { Finding } from '../../../contract/audio-format.js';
import type { ProbedStream } from './ffprobe-answer.js';
import type { FileBytes } from './file-bytes.js';
import { readMp4SampleFrames } from './mp4-length.js';
import { readMp3FirstFrame } from './mp3-first-frame.js';
import { readWavExtent } from './wav-extent.js';

/** How long a recording says it is. */
export interface DeclaredLength {
  /** sample frames that the container promises; null when it promises none */
  readonly declaredSampleFrames: number | null;
  /** sample frames the file has room for, where that can be counted without decoding */
  readonly availableSampleFrames: number | null;
  readonly findings: readonly Finding[];
}

/** Containers whose duration, as ffprobe gives it, is a count of sample frames written by the encoder. */
const countingContainers = new Set(['mov', 'flac', 'aiff', 'caf', 'au', 'w64', 'wv', 'tta', 'ape', 'ogg']);

/** @returns the length that a recording declares; `stream` is ffprobe's description of its first sound stream */
export async function readLength(
  bytes: FileBytes,
  input: {
    readonly container: string;
    readonly codec: string;
    readonly sampleRateHz: number;
    readonly stream: ProbedStream;
  },
): Promise<DeclaredLength> {
  const unknown = { declaredSampleFrames: null, availableSampleFrames: null, findings: [] };
  if (input.container === 'wav') {
    const extent = input.codec.startsWith('pcm_') ? await readWavExtent(bytes) : null;
    return extent ?? unknown;
  }
  if (input.container === 'mp3') {
    const first = await readMp3FirstFrame(bytes);
    return { ...unknown, declaredSampleFrames: first?.sampleFrames ?? null };
  }
  if (input.container === 'mov') {
    const frames = await readMp4SampleFrames(bytes, input.sampleRateHz);
    if (frames !== null) return { ...unknown, declaredSampleFrames: frames };
  }
  if (!countingContainers.has(input.container)) return unknown;
  const frames = framesOf(input.stream, input.sampleRateHz);
  if (frames === null) return unknown;
  if (input.container !== 'ogg' || input.codec !== 'opus')
    return { ...unknown, declaredSampleFrames: frames };
  // Opus counts 48 kHz ticks from before its pre-skip.
  const preSkip = await readOpusPreSkip(bytes);
  return { ...unknown, declaredSampleFrames: preSkip === null ? null : Math.max(0, frames - preSkip) };
}

function framesOf(stream: ProbedStream, sampleRateHz: number): number | null {
  const [numerator = 0, denominator = 0] = (stream.time_base ?? '').split('/').map(Number);
  const ticks = stream.duration_ts ?? 0;
  if (!(ticks > 0) || !(numerator > 0) || !(denominator > 0)) return null;
  return Math.round((ticks * numerator * sampleRateHz) / denominator);
}

async function readOpusPreSkip(bytes: FileBytes): Promise<number | null> {
  const head = await bytes.read(0, 4096);
  const at = head.indexOf('OpusHead', 0, 'latin1');
  return at < 0 || at + 12 > head.length ? null : head.readUInt16LE(at + 10);
}
