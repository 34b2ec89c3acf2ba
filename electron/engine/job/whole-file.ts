import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outputError } from '../io/output-error.js';

/**
 * Writes values as they lie in memory, little-endian, under a temporary name first.
 * @throws AppError OUTPUT_DISK_FULL, OUTPUT_FOLDER_MISSING, OUTPUT_NOT_WRITABLE; nothing is then left behind
 */
export async function writeWhole(folder: string, name: string, values: Float32Array): Promise<void> {
  const path = join(folder, name);
  try {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    await writeFile(`${path}.part`, bytes, { mode: 0o600 });
    await rename(`${path}.part`, path);
  } catch (error) {
    await rm(`${path}.part`, { force: true });
    throw await outputError(error, path, values.byteLength);
  }
}
