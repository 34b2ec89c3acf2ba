import { AppError } from '../../../contract/app-error.js';
import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { skipId3v2 } from '../reading/mp3-first-frame.js';
import { sniffBytes, sniffContainer, type ContainerFamily } from '../reading/sniff-container.js';
import { aiffLeaks } from './aiff-leaks.js';
import { containerTagLeaks } from './container-tag-leaks.js';
import { fileLeaks } from './file-leaks.js';
import { flacLeaks } from './flac-leaks.js';
import { id3v2Leaks } from './id3v2-leaks.js';
import { leak, type LeakFinder } from './leak.js';
import { matroskaLeaks } from './matroska-leaks.js';
import { mp3Leaks } from './mp3-leaks.js';
import { mp4Leaks } from './mp4-leaks.js';
import { oggLeaks } from './ogg-leaks.js';
import { tailTagLeaks } from './tail-tag-leaks.js';
import { wavLeaks } from './wav-leaks.js';

/** More entries than a person reads; a hostile file must not fill the report. */
const maxLeaks = 1000;

const finders: Partial<Record<ContainerFamily, LeakFinder>> = {
  'riff-wave': wavLeaks,
  aiff: aiffLeaks,
  flac: flacLeaks,
  ogg: oggLeaks,
  mp4: mp4Leaks,
  'mpeg-audio': mp3Leaks,
  matroska: matroskaLeaks,
};

/** What was found, and why it may not be all. */
export interface ContainerLeaks {
  readonly leaks: Leak[];
  /** of the part that could not be read; null when everything was */
  readonly error: AppError | null;
}

/**
 * Lists everything that is not sound, in whatever kind of file, with the file's own name and time. A part that cannot be
 * read takes nothing away from the others.
 * @param path  absolute
 * @throws AppError CANCELLED, TOOL_MISSING; the error of a file whose beginning cannot be read
 */
export async function containerLeaks(
  path: string,
  bytes: FileBytes,
  signal?: AbortSignal,
): Promise<ContainerLeaks> {
  const start = await skipId3v2(bytes);
  // A tag may stand before any kind of sound; what follows it says which kind.
  const behindTag = sniffContainer(await bytes.read(start, sniffBytes));
  const family = start > 0 && behindTag === null ? 'mpeg-audio' : behindTag;
  const found: Leak[] = [];
  let failure: AppError | null = null;
  const gather = async (leaks: () => Promise<Leak[]>): Promise<void> => {
    try {
      found.push(...(await leaks()));
    } catch (error) {
      const known = AppError.from(error);
      if (known.code === 'CANCELLED' || known.code === 'TOOL_MISSING') throw known;
      failure ??= known;
    }
  };
  if (start > 0) await gather(() => id3v2Leaks(bytes, 0, bytes.sizeBytes));
  const finder = family === null ? undefined : finders[family];
  if (finder !== undefined) await gather(() => finder(bytes));
  // ffprobe knows the tags of the families that have no finder, and those of Matroska.
  if (family !== null && (finder === undefined || family === 'matroska')) {
    await gather(() => containerTagLeaks(path, family, signal));
  }
  await gather(() => tailTagLeaks(bytes));
  found.push(...fileLeaks(path, bytes));
  return { leaks: shortened(found), error: failure };
}

function shortened(found: Leak[]): Leak[] {
  if (found.length <= maxLeaks) return found;
  const more = { meaning: 'further entries', kind: 'text' } as const;
  return [
    ...found.slice(0, maxLeaks),
    leak('more', more, `${found.length - maxLeaks} more entries are not listed`),
  ];
}
