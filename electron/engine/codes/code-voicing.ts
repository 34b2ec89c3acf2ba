import { AppError } from '../../contract/app-error.js';
import type { ModelHost } from '../models/model-host.js';
import type { CheckedFile, ManifestOf } from '../models/model-manifest.js';

/** An encoder's codebooks, some of which come with a table of voicing. */
type VoicedCodebooks = ManifestOf<'voice-codes'>['codebooks'] & { readonly voicing?: CheckedFile };

/**
 * Which codes of the first codebook are voiced: a file of codes holds no F0 that could tell.
 * @returns one value for each code, 1 where the voice sounds in most frames that have it, else 0
 * @throws AppError MODEL_NOT_FOUND where the encoder comes without the table, MODEL_CHECKSUM_MISMATCH; MODEL_FAILED when it is none
 */
export async function readVoicing(
  models: ModelHost,
  { id, codebooks }: ManifestOf<'voice-codes'>,
): Promise<Uint8Array> {
  const { codes, voicing }: VoicedCodebooks = codebooks;
  if (voicing === undefined) {
    throw new AppError(
      'MODEL_NOT_FOUND',
      `Expected a table of voiced codes beside "${id}", found none, so codes cannot be spoken yet. Install a later version of the ` +
        'model; "sanitize --voice random" speaks a recording in another voice without it.',
    );
  }
  const table = await models.fileOf(id, voicing);
  if (table.length === codes && table.every((value) => value <= 1)) return table;
  throw new AppError(
    'MODEL_FAILED',
    `Expected ${codes} bytes of 0 or 1 in ${voicing.file} of "${id}", found another content. Restore the model's folder.`,
  );
}
