import type { Lanes } from '../analysis/lanes.js';
import { writeWhole } from './whole-file.js';

/**
 * Writes `raw.lanes`, headerless little-endian float32 [frames][4], under a temporary name first.
 * @param folder  existing folder for the copies of one recording
 * @throws AppError OUTPUT_DISK_FULL, OUTPUT_FOLDER_MISSING, OUTPUT_NOT_WRITABLE; nothing is then left behind
 */
export async function writeLanesFile(folder: string, { values }: Pick<Lanes, 'values'>): Promise<void> {
  await writeWhole(folder, 'raw.lanes', values);
}
