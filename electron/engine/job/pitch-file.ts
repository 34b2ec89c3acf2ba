import type { ChainSettings } from '../../contract/chain.js';
import { activeStages } from '../processors/chain.js';
import { writeWhole } from './lanes-file.js';
import type { PlaybackKind } from './playback-cache.js';

/** @returns whether a stage runs that makes another voice, so that its F0 is worth comparing */
export function changesVoice(chain: ChainSettings): boolean {
  return activeStages(chain).some(({ stage }) => stage === 'voice' || stage === 'disguise');
}

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
