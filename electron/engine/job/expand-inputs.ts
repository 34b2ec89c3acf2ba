import { constants, type Stats } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { AppError } from '../../contract/app-error.js';
import { systemCode } from '../io/output-error.js';
import { inputError } from '../io/reading/open-input.js';

/** Endings by which a recording is recognised in a folder. A file that is named itself may have any. */
export const recordingExtensions: ReadonlySet<string> = new Set([
  ...['.wav', '.wave', '.bwf', '.rf64', '.w64', '.aif', '.aiff', '.aifc', '.caf', '.flac'],
  ...['.mp3', '.m4a', '.m4b', '.aac', '.ogg', '.oga', '.opus'],
  ...['.mp4', '.m4v', '.mov', '.mkv', '.mka', '.webm'],
]);

/** One recording to work on, or why a named path cannot be one. */
export interface ExpandedInput {
  /** absolute */
  readonly path: string;
  readonly error: AppError | null;
}

const naturalOrder = new Intl.Collator('en', { numeric: true });

/**
 * Turns named paths into recordings, in the order named; a folder becomes the recordings below it in natural order
 * ("take 2" before "take 10"). Hidden files and linked folders inside a folder are left out.
 * @param paths          files or folders
 * @param excludeFolder  a folder whose content is not taken when it lies inside a named folder: the place of earlier results
 * @returns one entry or more for each path; a path without recordings gives one entry with the reason
 */
export async function expandInputs(
  paths: readonly string[],
  excludeFolder: string | null = null,
): Promise<ExpandedInput[]> {
  const expanded = await Promise.all(paths.map((path) => expandPath(resolve(path), excludeFolder)));
  return expanded.flat();
}

async function expandPath(path: string, excludeFolder: string | null): Promise<ExpandedInput[]> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return [{ path, error: await whyNotReadable(path, found) }];
    const excluded = excludeFolder === null ? null : resolve(excludeFolder);
    const files = await recordingsBelow(path, excluded === path ? null : excluded);
    if (files.length > 0) return files.map((file) => ({ path: file, error: null }));
    const endings = [...recordingExtensions].join(' ');
    const message = `Expected recordings in the folder ${path}; found none. Looked for files ending in ${endings}.`;
    return [{ path, error: new AppError('INPUT_NOT_FOUND', message, { folder: true }) }];
  } catch (error) {
    return [{ path, error: inputError(path, error) }];
  }
}

async function whyNotReadable(path: string, found: Stats): Promise<AppError | null> {
  if (!found.isFile()) {
    const message = `Expected a recording or a folder at ${path}; found something else (a device or a pipe).`;
    return new AppError('INPUT_UNREADABLE', message);
  }
  try {
    await access(path, constants.R_OK);
    return null;
  } catch (error) {
    return inputError(path, error);
  }
}

async function recordingsBelow(folder: string, excluded: string | null): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort(
    (left, right) => naturalOrder.compare(left.name, right.name) || (left.name < right.name ? -1 : 1),
  );
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || path === excluded) continue;
    if (entry.isDirectory()) found.push(...(await recordingsBelow(path, excluded)));
    else if (recordingExtensions.has(extname(entry.name).toLowerCase()) && (await isFile(path)))
      found.push(path);
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    // A dangling link is no recording.
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
