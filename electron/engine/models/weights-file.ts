import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AppError } from '../../contract/app-error.js';

/** A file of a model's folder, with what its content must be. */
export interface WeightsFile {
  /** absolute path */
  readonly file: string;
  readonly sha256: string;
}

/**
 * Reads a file once and checks its SHA-256, so that what was checked is what is used.
 * @param what  what the file holds, for messages: "weights"
 * @throws AppError MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH
 */
export async function readChecked({ file, sha256 }: WeightsFile, what = 'weights'): Promise<Buffer> {
  const bytes = await readWhole(file, what);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return bytes;
  throw new AppError(
    'MODEL_CHECKSUM_MISMATCH',
    `Expected ${what} with SHA-256 ${sha256}, found ${found} in ${file}. The file was changed or is damaged: restore the model's folder.`,
    { file, expected: sha256, found },
  );
}

async function readWhole(file: string, what: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new AppError(
      'MODEL_NOT_FOUND',
      `Expected the model's ${what} at ${file}, which cannot be read (${String(error)}). Restore the model's folder.`,
      { file },
    );
  }
}
