import { constants, rmdirSync } from 'node:fs';
import { access, mkdir, open, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, sep } from 'node:path';
import { AppError } from '../contract/app-error.js';
import { concreteFormats, extensionOf } from '../engine/io/output-format.js';
import { outputError, systemCode } from '../engine/io/output-error.js';
import { realPath } from '../engine/io/real-path.js';
import { Refusal } from './refusal.js';

/** What stands around a report and must never be replaced by it. */
export interface ReportSurroundings {
  /** recordings, and whatever else is only read */
  readonly sources: readonly string[];
  /** folder of the results; null when there are none */
  readonly folder: string | null;
}

/** Endings of all results, with the dot. */
const resultEndings: ReadonlySet<string> = new Set(
  concreteFormats.map((format) => `.${extensionOf(format)}`),
);

/** Names of shareable reports. */
const shareableName = /^sotto-report.*\.json$/;

/** Folders into which files can be written. */
export interface PreparedFolders {
  /** those asked for that were created */
  readonly created: readonly string[];
  /**
   * Removes what was created and holds nothing, parents too; at once, so that an exit that cannot wait may call it.
   * @returns whether a folder was removed
   */
  readonly removeEmpty: () => boolean;
}

/**
 * Makes sure that files can be written into each of `folders`; missing ones are created, all or none.
 * @throws Refusal OUTPUT_NOT_WRITABLE when a file is in the way or the system refuses, OUTPUT_DISK_FULL
 */
export async function prepareFolders(folders: readonly string[]): Promise<PreparedFolders> {
  const made: string[] = [];
  const removeEmpty = (): boolean => made.toReversed().filter(removedEmpty).length > 0;
  try {
    for (const folder of folders) await prepareFolder(folder, made);
  } catch (error) {
    removeEmpty();
    throw Refusal.of(error);
  }
  return { created: folders.filter((folder) => made.includes(folder)), removeEmpty };
}

/**
 * Makes sure that a report of its own can be written to `path`, except for its folder. Nothing is created.
 * @throws Refusal INVALID_ARGUMENT where it would replace a source, a result, the shareable report, or anything but an earlier
 *   document of ours; OUTPUT_NOT_WRITABLE
 */
export async function checkReportPlace(path: string, around: ReportSurroundings): Promise<void> {
  try {
    if (await isFolder(path)) {
      throw new AppError('INVALID_ARGUMENT', `Expected --json to name a file; found the folder ${path}.`);
    }
    await checkIsWritable(path);
    const found = await whatStandsAt(await realPath(path), around);
    if (found === null) return;
    const message = `Expected --json to name a file of its own; found ${found}. Name another file.`;
    throw new AppError('INVALID_ARGUMENT', message);
  } catch (error) {
    throw Refusal.of(error);
  }
}

/** @returns in words what a report at `target` would replace; null for nothing */
async function whatStandsAt(target: string, { sources, folder }: ReportSurroundings): Promise<string | null> {
  for (const source of sources) if (isSame(await realPath(source), target)) return `the source ${source}`;
  if (!(await isReplaceable(target))) return `${target}, which holds something else`;
  if (folder === null) return null;
  const realFolder = await realPath(folder);
  if (keyOf(`${realFolder}${sep}`).startsWith(keyOf(`${target}${sep}`))) return `the way to --out ${folder}`;
  if (!isSame(dirname(target), realFolder)) return null;
  const name = keyOf(basename(target));
  if (shareableName.test(name))
    return `${basename(target)} in --out, the name of the report that may be shared`;
  // Whatever the names will be: a result has one of these endings, and a report has no use for them.
  return resultEndings.has(extname(name)) ? `${basename(target)} in --out, the name of a result` : null;
}

/** What every document of ours begins with. */
const ourBeginning = /^\s*\{\s*"schema":\s*"sotto\./;

/** @returns whether nobody loses anything when `path` is replaced: it is missing, empty, no plain file, or an earlier document of ours */
async function isReplaceable(path: string): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return true;
  try {
    const facts = await file.stat();
    if (!facts.isFile() || facts.size === 0) return true;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return ourBeginning.test(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await file.close();
  }
}

async function checkIsWritable(path: string): Promise<void> {
  try {
    await access(path, constants.W_OK);
  } catch (error) {
    const code = systemCode(error);
    // Not there yet. A file in the way of its folder is found when that folder is made.
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    throw await outputError(error, path, 0);
  }
}

async function prepareFolder(folder: string, created: string[]): Promise<void> {
  try {
    await makeFolders(folder, created);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      const message = `Expected a folder at ${folder}; a file is in the way. Name another folder.`;
      throw new AppError('OUTPUT_NOT_WRITABLE', message);
    }
    throw await outputError(error, folder, 0);
  }
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw await outputError(error, join(folder, 'a result'), 0);
  }
}

/** Level by level: Node's recursive `mkdir` never ends where the system pretends that a parent is missing, as in /proc. */
async function makeFolders(folder: string, created: string[]): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolders(parent, created);
  try {
    await mkdir(folder);
    created.push(folder);
  } catch (error) {
    // Another run may have made it in between.
    if (systemCode(error) !== 'EEXIST' || !(await isFolder(folder))) throw error;
  }
}

/** @returns false where something lies in it, which another run may have put there, or it is gone */
function removedEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return false;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw await outputError(error, path, 0);
  }
}

function isSame(one: string, other: string): boolean {
  return keyOf(one) === keyOf(other);
}

/** What a file system that ignores case and Unicode composition tells apart: better one refusal too many. */
function keyOf(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
