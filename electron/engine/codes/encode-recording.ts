import { unlink } from 'node:fs/promises';
import { AppError } from '../../contract/app-error.js';
import { frameCount } from '../dsp/planar.js';
import { throwIfAborted } from '../io/abort.js';
import { AtomicFile } from '../io/atomic-file.js';
import { assertDistinct } from '../io/output-distinct.js';
import { outputError } from '../io/output-error.js';
import { openReader, type FileReader } from '../io/reading/open-reader.js';
import { blockFrames } from '../job/block-stream.js';
import { prefetch } from '../job/prefetch.js';
import { ProgressMeter } from '../job/progress-meter.js';
import type { ModelHost } from '../models/model-host.js';
import type { VoiceFrame } from '../voice/voice-codebooks.js';
import { VoiceEncoder } from '../voice/voice-encoder.js';
import { findVoiceModels } from '../voice/voice-models.js';
import { rateLimitsHz, writeCodes, type CodesFile } from './codes-file.js';
import type { Coded, CodedClarity, CodedRequest } from './coded-run.js';
import { RecordingSpeaker } from './recording-speaker.js';
import { writeSpeaker, type SpeakerFile } from './speaker-file.js';

/** One recording to be encoded. */
export interface EncodeRequest extends CodedRequest {
  readonly clarity: CodedClarity;
  /** of the encoder, see `models list` */
  readonly level: string;
}

/** What is heard in one pass. */
interface Heard {
  readonly content: CodesFile;
  /** null where nobody asked for it */
  readonly speaker: SpeakerFile | null;
}

/** Blocks decoded ahead of the encoder. */
const blocksAhead = 3;

/**
 * Hears a recording once and writes what was said as a .codes file and, if asked, who said it as a .spk file; each whole or not at all, and
 * never one without the other, unless `overwrite` is set: the files before are then gone, and where the second cannot take its name the
 * first one stays. Only codes are kept until then.
 * @throws AppError as reading does, INPUT_UNSUPPORTED above 192 kHz and where a speaker is asked for and hardly speaks; MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH, MODEL_FAILED; INPUT_IS_OUTPUT, OUTPUT_EXISTS,
 *   OUTPUT_FOLDER_MISSING, OUTPUT_NOT_WRITABLE, OUTPUT_DISK_FULL; CANCELLED within one block
 */
export async function encodeRecording(request: EncodeRequest, models: ModelHost): Promise<Coded> {
  const { input, output, speaker, overwrite, clarity, signal } = request;
  throwIfAborted(signal);
  const outputs = speaker === undefined ? [output] : [output, speaker];
  for (const path of outputs) await assertDistinct(input, path);
  const reader = await openReader(input, { precision: 'float32', replaceNonFinite: true, signal });
  const files: AtomicFile[] = [];
  try {
    // First, so that a name that is taken is not found out after hours.
    for (const path of outputs) {
      // A voice is its speaker's: nobody else on this machine may read it.
      const options = path === speaker ? { overwrite, mode: 0o600 } : { overwrite };
      files.push(await writing(path, () => AtomicFile.create(path, options)));
    }
    const { content, speaker: voice } = await heard(reader, request, models);
    const bytes = writeCodes(content);
    const contents = voice === null ? [bytes] : [bytes, writeSpeaker(voice)];
    for (const [at, file] of files.entries()) await writing(file.target, () => filled(file, contents[at]!));
    throwIfAborted(signal);
    await committed(files, overwrite);
    const { sampleRateHz, sampleFrames } = content;
    return { sampleRateHz, sampleFrames, clarity, sizeBytes: bytes.length, warnings: [...reader.findings] };
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    reader.close();
    for (const file of files) await file.discard();
  }
}

async function heard(reader: FileReader, request: EncodeRequest, models: ModelHost): Promise<Heard> {
  const { level, clarity, signal, onProgress } = request;
  const { sampleRateHz, channels } = reader.facts;
  if (sampleRateHz > rateLimitsHz.max) {
    const message = `Expected a recording of at most ${rateLimitsHz.max} Hz, which a file of codes can hold; found ${sampleRateHz} Hz.`;
    throw new AppError('INPUT_UNSUPPORTED', `${message} Resample it first.`);
  }
  const found = findVoiceModels(models, level);
  const { first, residual } = found.codes.codebooks;
  const format = { sampleRateHz, channels };
  const speaker =
    request.speaker === undefined ? null : await RecordingSpeaker.open(format, { models, found, signal });
  const tap = speaker ? { onLogMel: speaker.takeRow } : {};
  let encoder: VoiceEncoder | null = null;
  const [firstCodes, residualCodes]: [number[], number[]] = [[], []];
  const keep = (frames: readonly VoiceFrame[]): void => {
    for (const frame of frames) {
      firstCodes.push(frame.first);
      residualCodes.push(frame.residual);
    }
  };
  try {
    encoder = await VoiceEncoder.open({ models, level, format, signal, ...tap });
    const meter = new ProgressMeter('process', sampleRateHz, reader.estimatedSampleFrames, onProgress);
    let sampleFrames = 0;
    for await (const block of prefetch(reader.blocks(blockFrames), blocksAhead)) {
      throwIfAborted(signal);
      keep(await encoder.push(block));
      await speaker?.push(block);
      sampleFrames += frameCount(block);
      meter.advance(frameCount(block));
    }
    throwIfAborted(signal);
    keep(await encoder.finish());
    const tracks = [
      { codebookSha256: first.sha256, codes: Uint16Array.from(firstCodes) },
      { codebookSha256: residual.sha256, codes: Uint16Array.from(residualCodes) },
    ];
    const content = {
      sampleRateHz,
      sampleFrames,
      tracks: clarity === 'strict' ? tracks.slice(0, 1) : tracks,
    };
    return { content, speaker: (await speaker?.finish()) ?? null };
  } finally {
    encoder?.close();
    speaker?.close();
  }
}

/** Gives all files their names; where one is refused, those before it go again, unless they took the place of earlier files. */
async function committed(files: readonly AtomicFile[], overwrite: boolean): Promise<void> {
  const named: string[] = [];
  try {
    for (const file of files) {
      await writing(file.target, () => file.commit());
      named.push(file.target);
    }
  } catch (error) {
    // Best effort: why the other was refused is what the user must know.
    if (!overwrite) await Promise.allSettled(named.map((path) => unlink(path)));
    throw error;
  }
}

async function filled(file: AtomicFile, bytes: Uint8Array): Promise<void> {
  await file.append(bytes);
  await file.close();
}

/** Says the system's trouble with the output in words. */
async function writing<T>(output: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await outputError(error, output, 0);
  }
}
