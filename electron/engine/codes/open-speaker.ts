import { AppError } from '../../contract/app-error.js';
import { byteWords } from '../io/output-error.js';
import { openInput } from '../io/reading/open-input.js';
import type { ManifestOf } from '../models/model-manifest.js';
import type { TargetVoice } from '../voice/voice-mixture.js';
import { expectReference } from '../voice/voice-reference.js';
import { maxSpeakerBytes, readSpeaker } from './speaker-file.js';

/**
 * Reads a .spk file for a synthesis to speak with. Nothing stays open.
 * @throws AppError INPUT_NOT_FOUND, INPUT_UNREADABLE, INPUT_EMPTY, and as `readSpeaker` and `expectReference` do; MODEL_NOT_FOUND when the
 *   voice was read by another net than the one that learnt together with this synthesis
 */
export async function openSpeaker(
  path: string,
  synthesis: ManifestOf<'voice-synthesis'>,
): Promise<TargetVoice> {
  const { referenceSha256, registerHz, vector } = readSpeaker(await readWhole(path));
  const { sha256, output } = expectReference(synthesis);
  if (referenceSha256 === sha256 && vector.length === output.shape[1]) return { vector, registerHz };
  throw new AppError(
    'MODEL_NOT_FOUND',
    `Expected a speaker's voice that was read by the reference net ${sha256.slice(0, 8)} of "${synthesis.id}", found one of ` +
      `${referenceSha256.slice(0, 8)} with ${vector.length} values. Encode the recording again with --speaker, or decode with the models of then.`,
  );
}

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await openInput(path);
  try {
    if (file.sizeBytes <= maxSpeakerBytes) return await file.read(0, file.sizeBytes);
    throw new AppError(
      'INPUT_UNSUPPORTED',
      `Expected a file of a speaker's voice of at most ${byteWords(maxSpeakerBytes)}, found ${byteWords(file.sizeBytes)}. Name one that "encode --speaker" wrote.`,
    );
  } finally {
    await file.close();
  }
}
