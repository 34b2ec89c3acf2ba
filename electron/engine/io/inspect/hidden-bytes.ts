import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { leak, sizeInWords } from './leak.js';

const windowBytes = 64 * 1024;
/** Padding that has not shown anything by then is looked at no further. */
const searchedBytes = 16 * 1024 * 1024;

/**
 * Looks into padding, which ought to be empty but may hold what the last program left in its memory.
 * @param what  for the message, e.g. "padding"
 * @returns one leak when any byte is not zero
 */
export async function hiddenBytes(
  bytes: FileBytes,
  area: {
    readonly where: string;
    readonly what: string;
    readonly offset: number;
    readonly sizeBytes: number;
  },
): Promise<Leak[]> {
  const end = area.offset + Math.min(area.sizeBytes, searchedBytes);
  for (let offset = area.offset; offset < end; offset += windowBytes) {
    const part = await bytes.read(offset, Math.min(windowBytes, end - offset));
    if (part.length === 0) break;
    const first = part.findIndex((byte) => byte !== 0);
    if (first < 0) continue;
    const readable = readableText(await bytes.read(offset + first, 4096));
    const words = readable === '' ? '' : `: ${readable}`;
    return [
      leak(
        area.where,
        { meaning: `${area.what} that is not empty`, kind: 'text' },
        `${sizeInWords(area.sizeBytes)}${words}`,
      ),
    ];
  }
  return [];
}

/** @returns runs of readable characters, joined; what a person would find with a text editor */
export function readableText(bytes: Buffer): string {
  const runs = bytes.toString('latin1').match(/[\x20-\x7e]{4,}/g) ?? [];
  return runs.slice(0, 20).join(' ');
}
