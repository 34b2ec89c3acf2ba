import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { AppError, type AppErrorData } from '../../../contract/app-error.js';
import { throwIfAborted } from '../abort.js';
import { recordingExtensions } from '../../../contract/recording-extensions.js';
import { inputError, openInput } from './open-input.js';

/** Extensions taken from folders, with the dot. A file that is named directly is tried whatever it is called. */
export const dottedExtensions: ReadonlySet<string> = new Set(
  recordingExtensions.map((extension) => `.${extension}`),
);

/** Folders deeper than this are not a collection of recordings. */
const maxDepth = 64;

/** @see expandInputs */
export interface ExpandedInputs {
  /** absolute paths, in the order given, folders in natural order, every file once */
  readonly files: string[];
  readonly rejected: { path: string; error: AppErrorData }[];
}

/**
 * Turns what a user dropped or named into recordings.
 * Folders are walked; in them hidden entries, links that lead back and other kinds of files are passed over in silence.
 * What was named itself is answered in any case: as a file, or as a rejection with its reason.
 * @param paths   files and folders, absolute or relative
 * @param signal  ends a long walk
 * @throws AppError CANCELLED only; everything else is a rejection
 */
export async function expandInputs(paths: readonly string[], signal?: AbortSignal): Promise<ExpandedInputs> {
  const walk = new Walk(signal);
  for (const path of paths) await walk.take(resolve(path));
  return { files: walk.files, rejected: walk.rejected };
}

class Walk {
  readonly files: string[] = [];
  readonly rejected: { path: string; error: AppErrorData }[] = [];
  readonly #seenFiles = new Set<string>();
  readonly #seenFolders = new Set<string>();
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Takes one path that a person named. */
  async take(path: string): Promise<void> {
    try {
      if (!(await stat(path)).isDirectory()) {
        await this.#takeFile(path);
        return;
      }
    } catch (error) {
      this.#reject(path, inputError(path, error));
      return;
    }
    const before = this.files.length + this.rejected.length;
    const repeated = await this.#takeFolder(path, 0);
    const nothing = this.files.length + this.rejected.length === before;
    if (nothing && !repeated) {
      this.#reject(
        path,
        new AppError(
          'INPUT_NOT_FOUND',
          `Expected recordings in the folder "${basename(path)}", found none. Choose a folder with sound files, or name the files themselves.`,
        ),
      );
    }
  }

  /** @returns true when something in it, or the folder itself, had been taken before */
  async #takeFolder(path: string, depth: number): Promise<boolean> {
    throwIfAborted(this.#signal);
    let entries: Dirent[];
    try {
      const real = await realpath(path);
      // Two ways into one folder, or a link to a parent: its files are taken once.
      if (this.#seenFolders.has(real)) return true;
      this.#seenFolders.add(real);
      entries = await readdir(path, { withFileTypes: true });
    } catch (error) {
      this.#reject(path, inputError(path, error));
      return false;
    }
    let repeated = false;
    entries.sort((a, b) => naturalOrder(a.name, b.name));
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const child = join(path, entry.name);
      const kind = entry.isSymbolicLink() ? await kindOfTarget(child) : kindOf(entry);
      if (kind === 'folder' && depth < maxDepth) {
        repeated = (await this.#takeFolder(child, depth + 1)) || repeated;
      } else if (kind === 'file' && dottedExtensions.has(extname(entry.name).toLowerCase())) {
        repeated = (await this.#takeFile(child)) || repeated;
      }
    }
    return repeated;
  }

  /** @returns true when it had been taken before */
  async #takeFile(path: string): Promise<boolean> {
    try {
      const real = await realpath(path);
      if (this.#seenFiles.has(real)) return true;
      this.#seenFiles.add(real);
      await (await openInput(path)).close();
      this.files.push(path);
    } catch (error) {
      this.#reject(path, error instanceof AppError ? error : inputError(path, error));
    }
    return false;
  }

  #reject(path: string, error: AppError): void {
    this.rejected.push({ path, error: error.toData() });
  }
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Orders "take 2" before "take 10"; equal names by their code points, so that the order is always the same. */
export function naturalOrder(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

function kindOf(entry: { isDirectory(): boolean; isFile(): boolean }): 'folder' | 'file' | 'other' {
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : 'other';
}

async function kindOfTarget(path: string): Promise<'folder' | 'file' | 'other'> {
  try {
    return kindOf(await stat(path));
  } catch {
    return 'other'; // a link to nothing is no recording
  }
}
