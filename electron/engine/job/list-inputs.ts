import { stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { AppError } from '../../contract/app-error.js';
import { systemCode } from '../io/output-error.js';
import { expandInputs, naturalOrder } from '../io/reading/expand-inputs.js';

/** One recording to work on, or why a named path cannot be one. */
export interface ListedInput {
  /** absolute */
  readonly path: string;
  readonly error: AppError | null;
}

/**
 * One list of everything that was named, in the order named: a report has an entry for each, also for what cannot be read.
 * What is named itself is taken as often as it is named; what a folder holds is taken once.
 * @param paths          files and folders
 * @param excludeFolder  a folder whose content is not taken when it lies inside a named one: the place of earlier results
 * @throws AppError CANCELLED only
 */
export async function listInputs(
  paths: readonly string[],
  excludeFolder: string | null,
  signal: AbortSignal,
): Promise<ListedInput[]> {
  const listed: ListedInput[] = [];
  const taken = new Set(paths.map((path) => resolve(path)));
  for (const path of paths.map((named) => resolve(named))) {
    const { files, rejected } = await expandInputs([path], signal);
    const found = [
      ...files.map((file) => ({ path: file, error: null })),
      ...rejected.map((rejection) => ({ path: rejection.path, error: AppError.fromData(rejection.error) })),
    ];
    if (await isFolder(path)) {
      found.sort((left, right) => naturalOrder(left.path, right.path));
      const excluded = excludeFolder === null ? null : `${resolve(excludeFolder)}${sep}`;
      const inside =
        excluded !== null && `${path}${sep}` !== excluded && excluded.startsWith(`${path}${sep}`);
      for (const input of found) {
        // The folder itself is listed when there is nothing in it.
        if (input.path !== path && taken.has(input.path)) continue;
        if (inside && input.path.startsWith(excluded)) continue;
        taken.add(input.path);
        listed.push(input);
      }
    } else listed.push(...found);
  }
  return listed;
}

/** @returns whether `listed` holds nothing but folders without recordings: there is then no job at all */
export async function holdsNoRecording(listed: readonly ListedInput[]): Promise<boolean> {
  for (const { path, error } of listed) if (error === null || !(await isFolder(path))) return false;
  return true;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return false;
  }
}
