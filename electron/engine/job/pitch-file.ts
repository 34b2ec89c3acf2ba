import type { PlaybackKind } from './playback-cache.js';
import { writeWhole } from './whole-file.js';

/**
 * Writes `KIND.f0`, headerless little-endian float32 [frames][raw, result], under a temporary name first.
 * @param folder  existing folder for the copies of one recording
 * @param values  as `PitchPair` gives them
 * @returns frames written
 * @throws AppError OUTPUT_DISK_FULL, OUTPUT_FOLDER_MISSING, OUTPUT_NOT_WRITABLE; nothing is then left behind
 */
export async function writePitchFile(
  folder: string,
  kind: PlaybackKind,
  values: Float32Array,
): Promise<number> {
  await writeWhole(folder, `${kind}.f0`, values);
  return values.length / 2;
}
