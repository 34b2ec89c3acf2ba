import { AppError } from '../../contract/app-error.js';
import { byteWords } from '../io/output-error.js';
import { openInput } from '../io/reading/open-input.js';
import type { ModelHost } from '../models/model-host.js';
import { findModelsOfCodes, type VoiceModels } from '../voice/voice-models.js';
import { readVoicing } from './code-voicing.js';
import { readCodes, type CodesFile } from './codes-file.js';

/** A week of two codebooks is 68 MB: more is no file of codes, whatever its beginning says. */
const maxBytes = 100_000_000;

/** A file of codes with what speaks it. */
export interface OpenedCodes {
  readonly content: CodesFile;
  /** of the .codes file */
  readonly sizeBytes: number;
  /** with the codebooks that the file names */
  readonly found: VoiceModels;
  /** see `readVoicing` */
  readonly voicing: Uint8Array;
}

/**
 * Reads a .codes file and finds what speaks it: first the file, so that one that is missing or damaged is said to be so whatever is
 * installed. Nothing stays open.
 * @throws AppError INPUT_NOT_FOUND, INPUT_UNREADABLE, INPUT_EMPTY, and as `readCodes`, `findModelsOfCodes` and `readVoicing` do
 */
export async function openCodes(path: string, models: ModelHost): Promise<OpenedCodes> {
  const bytes = await readWhole(path);
  const content = readCodes(bytes);
  const codebooks = content.tracks.map(({ codebookSha256 }) => codebookSha256);
  const found = findModelsOfCodes(models, codebooks);
  return { content, sizeBytes: bytes.length, found, voicing: await readVoicing(models, found.codes) };
}

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await openInput(path);
  try {
    if (file.sizeBytes <= maxBytes) return await file.read(0, file.sizeBytes);
    throw new AppError(
      'INPUT_UNSUPPORTED',
      `Expected a file of voice codes of at most ${byteWords(maxBytes)}, found ${byteWords(file.sizeBytes)}. Name one that "encode" wrote.`,
    );
  } finally {
    await file.close();
  }
}
