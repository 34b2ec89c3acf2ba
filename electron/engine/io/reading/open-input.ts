import { constants, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../../contract/app-error.js';
import { FileBytes } from './file-bytes.js';

/**
 * Opens a recording for reading, after making sure that it is an ordinary file with something in it.
 * @returns random access to its bytes; the caller closes it
 * @throws AppError INPUT_NOT_FOUND, INPUT_UNREADABLE, INPUT_EMPTY
 */
export async function openInput(path: string): Promise<FileBytes> {
  const name = basename(path);
  let facts: Stats;
  try {
    facts = await stat(path);
  } catch (error) {
    throw inputError(path, error);
  }
  if (facts.isDirectory()) {
    throw new AppError(
      'INPUT_UNREADABLE',
      `Expected a recording, found that "${name}" is a folder. Name the recordings in it.`,
    );
  }
  // Opening a pipe or a device could wait for ever.
  if (!facts.isFile()) {
    throw new AppError(
      'INPUT_UNREADABLE',
      `Expected a recording, found that "${name}" is a device or a pipe, not a file. Save the sound to a file first.`,
    );
  }
  if (facts.size === 0) {
    throw new AppError(
      'INPUT_EMPTY',
      `Expected a recording, found that "${name}" is empty (0 bytes). Copy it again from where it was recorded.`,
    );
  }
  try {
    return new FileBytes(await open(path, constants.O_RDONLY), facts);
  } catch (error) {
    throw inputError(path, error);
  }
}

/** @returns what a failed file-system call says about a recording, as INPUT_NOT_FOUND or INPUT_UNREADABLE */
export function inputError(path: string, error: unknown): AppError {
  const name = basename(path);
  const code = error instanceof Error ? String(Reflect.get(error, 'code')) : '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ERR_INVALID_ARG_VALUE': // a NUL in the name
      return new AppError(
        'INPUT_NOT_FOUND',
        `Expected a recording at "${path}", found nothing there. Check the name, or whether the drive is connected.`,
      );
    case 'ENAMETOOLONG':
      return new AppError(
        'INPUT_NOT_FOUND',
        `Expected a path that this system can open, found one of ${path.length} characters. Move "${name.slice(0, 60)}" to a shorter path.`,
      );
    case 'EACCES':
    case 'EPERM':
      return new AppError(
        'INPUT_UNREADABLE',
        `Expected to be allowed to read "${name}", found that this user may not. Change its permissions or copy it to a folder of your own.`,
      );
    case 'ELOOP':
      return new AppError(
        'INPUT_UNREADABLE',
        `Expected a recording, found that "${name}" is a link that leads back to itself. Name the recording itself.`,
      );
    default: {
      const words = error instanceof Error ? error.message : String(error);
      return new AppError(
        'INPUT_UNREADABLE',
        `Expected to read "${name}", found: ${words}. Check the drive, or copy the file and try the copy.`,
      );
    }
  }
}
