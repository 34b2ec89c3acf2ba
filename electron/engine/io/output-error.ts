import { statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { AppError, type ErrorCode } from '../../contract/app-error.js';

interface Explanation {
  readonly code: ErrorCode;
  readonly found: string;
  readonly advice: string;
}

const notWritable = (found: string, advice: string): Explanation => ({
  code: 'OUTPUT_NOT_WRITABLE',
  found,
  advice,
});

const explanations: Readonly<Record<string, Explanation>> = {
  EACCES: notWritable('no permission to write', 'Choose another folder, or change its permissions.'),
  EPERM: notWritable('no permission to write', 'Choose another folder, or change its permissions.'),
  EROFS: notWritable('a read-only disk', 'Choose a folder on another disk.'),
  EISDIR: notWritable('a folder of that name', 'Choose another name.'),
  EBUSY: notWritable('a file that another program holds open', 'Close that program and try again.'),
  ETXTBSY: notWritable('a file that another program holds open', 'Close that program and try again.'),
  EFBIG: notWritable('a disk that cannot hold so large a file', 'Choose a folder on another disk, or FLAC.'),
  EIO: notWritable('a disk that fails', 'Choose a folder on another disk, and check this one.'),
  ENXIO: notWritable('a disk that is gone', 'Connect it again, or choose another folder.'),
  ENOENT: {
    code: 'OUTPUT_FOLDER_MISSING',
    found: 'no such folder',
    advice: 'Create it, or choose another.',
  },
  ENOTDIR: {
    code: 'OUTPUT_FOLDER_MISSING',
    found: 'a file where the folder should be',
    advice: 'Choose another folder.',
  },
  ENAMETOOLONG: {
    code: 'OUTPUT_NAME_TOO_LONG',
    found: 'a name that is too long for this disk',
    advice: 'Choose a shorter name, or a folder nearer to the root.',
  },
  EEXIST: {
    code: 'OUTPUT_EXISTS',
    found: 'a file of that name',
    advice: 'Allow overwriting, or choose another name.',
  },
};

const diskFullCodes = new Set(['ENOSPC', 'EDQUOT']);

/** @returns the system's code of a failed file operation (`ENOSPC` ...); null for anything else */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/**
 * Says in words why an output could not be written.
 * @param target       final path of the output
 * @param neededBytes  size of the whole file as far as it is known, for a full disk
 * @returns the error itself when it already is an AppError; never throws
 */
export async function outputError(error: unknown, target: string, neededBytes: number): Promise<AppError> {
  if (error instanceof AppError) return error;
  const code = systemCode(error);
  if (code === null) return AppError.from(error);
  if (diskFullCodes.has(code)) return diskFull(target, neededBytes, await freeBytes(dirname(target)));
  const {
    code: ours,
    found,
    advice,
  } = explanations[code] ?? notWritable(`the system's error ${code}`, 'Choose another folder.');
  return new AppError(
    ours,
    `Expected to write "${basename(target)}" in "${dirname(target)}", found ${found}. ${advice}`,
    { path: target, systemCode: code },
  );
}

/** @returns the error for a disk without room */
export function diskFull(target: string, neededBytes: number, free: number | null): AppError {
  const room = free === null ? 'less' : `${byteWords(free)} free`;
  return new AppError(
    'OUTPUT_DISK_FULL',
    `Expected room for at least ${byteWords(neededBytes)} in "${dirname(target)}", found ${room}. ` +
      'Free some space, or choose a folder on another disk.',
    { path: target, neededBytes, freeBytes: free },
  );
}

/** @returns bytes that this user may still write in `folder`; null where the file system does not say */
export async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize, blocks } = await statfs(folder);
    return blocks === 0 ? null : bavail * bsize;
  } catch {
    return null; // only a hint: the write itself will tell
  }
}

/** @returns a size in words, in decimal units as file managers show them */
export function byteWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
