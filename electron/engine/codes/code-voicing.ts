import { AppError } from '../../contract/app-error.js';
import type { ModelHost } from '../models/model-host.js';
import type { ManifestOf } from '../models/model-manifest.js';

/**
 * Which codes of the first codebook are voiced: a file of codes holds no F0 that could tell.
 * @returns one value for each code, 1 where the voice sounds in most frames that have it, else 0
 * @throws AppError MODEL_CHECKSUM_MISMATCH; MODEL_FAILED when it is no such table
 */
export async function readVoicing(
  models: ModelHost,
  { id, codebooks: { codes, voicing } }: ManifestOf<'voice-codes'>,
): Promise<Uint8Array> {
  const table = await models.fileOf(id, voicing);
  if (table.length === codes && table.every((value) => value <= 1)) return table;
  throw new AppError(
    'MODEL_FAILED',
    `Expected ${codes} bytes of 0 or 1 in ${voicing.file} of "${id}", found another content. Restore the model's folder.`,
  );
}
