import { constants } from 'node:fs';
import { access, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../contract/app-error.js';
import { outputError, systemCode } from '../engine/io/output-error.js';

/**
 * Makes sure that results can go into `folder`; a missing one is created.
 * @returns whether it was created
 * @throws AppError OUTPUT_NOT_WRITABLE when a file is in the way or the system refuses, OUTPUT_DISK_FULL
 */
export async function prepareFolder(folder: string): Promise<boolean> {
  const created = !(await isFolder(folder));
  try {
    await makeFolders(folder);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      const message = `Expected a folder for the results at ${folder}; a file is in the way. Name another folder.`;
      throw new AppError('OUTPUT_NOT_WRITABLE', message);
    }
    throw await outputError(error, folder, 0);
  }
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw await outputError(error, join(folder, 'a result'), 0);
  }
  return created;
}

/**
 * Makes sure that a report can be written to `path`; missing folders above it are created.
 * @param inputs  recordings, which a report must never replace
 * @throws AppError INVALID_ARGUMENT, OUTPUT_NOT_WRITABLE, OUTPUT_DISK_FULL
 */
export async function prepareReportPlace(path: string, inputs: readonly string[]): Promise<void> {
  if (await isFolder(path)) {
    throw new AppError('INVALID_ARGUMENT', `Expected --json to name a file; found the folder ${path}.`);
  }
  await prepareFolder(dirname(path));
  try {
    await access(path, constants.W_OK);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw await outputError(error, path, 0);
  }
  const target = await realpath(path);
  for (const input of inputs) {
    if ((await realPathOf(input)) === target) {
      const message = `Expected --json to name a file of its own; found the recording ${input}. Name another file.`;
      throw new AppError('INVALID_ARGUMENT', message);
    }
  }
}

/** Level by level: Node's recursive `mkdir` never ends where the system pretends that a parent is missing, as in /proc. */
async function makeFolders(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolders(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    // Another run may have made it in between.
    if (systemCode(error) !== 'EEXIST' || !(await isFolder(folder))) throw error;
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

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== null) return resolve(path);
    throw error;
  }
}
