import { AppError } from '../../contract/app-error.js';

/** @returns the system's code of a failed file operation (`ENOENT`, `ENOSPC` ...); null for any other error */
export function systemErrorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/**
 * @param path  what could not be written
 * @returns the failure to write as an AppError: OUTPUT_FOLDER_MISSING, OUTPUT_DISK_FULL or OUTPUT_NOT_WRITABLE;
 *   an AppError stays itself
 */
export function writeFailure(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  switch (systemErrorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR': {
      const message = `Expected a folder to write ${path} into; it does not exist. Create it or name another.`;
      return new AppError('OUTPUT_FOLDER_MISSING', message);
    }
    case 'ENOSPC':
    case 'EDQUOT': {
      const message = `Expected room to write ${path}; the disk is full. Free some space or name another folder.`;
      return new AppError('OUTPUT_DISK_FULL', message);
    }
    case 'EACCES':
    case 'EPERM':
    case 'EROFS': {
      const message = `Expected to be allowed to write ${path}; the system refuses. Name another folder or change its permissions.`;
      return new AppError('OUTPUT_NOT_WRITABLE', message);
    }
    default: {
      const reason = error instanceof Error ? error.message : String(error);
      return new AppError('OUTPUT_NOT_WRITABLE', `Expected to write ${path}; found: ${reason}.`);
    }
  }
}
