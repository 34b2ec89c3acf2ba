import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { AppError } from '../../contract/app-error.js';
import type { QueuedFile } from '../../contract/window-contract.js';

/**
 * The recordings the user has opened. The window names them by random ids and can reach nothing else on the disk.
 */
export class FileRegistry {
  readonly #byId = new Map<string, QueuedFile>();
  readonly #dropped = new Set<string>();

  /** All recordings in the order in which they came. */
  all(): QueuedFile[] {
    return [...this.#byId.values()];
  }

  /**
   * @param path       absolute path that the user chose, dropped or named
   * @param sizeBytes  of the file, for display
   * @returns the entry; the old one when the recording is already there
   */
  add(path: string, sizeBytes: number): QueuedFile {
    const known = this.all().find((file) => file.path === path);
    if (known !== undefined) return known;
    const file = { fileId: randomBytes(12).toString('base64url'), name: basename(path), path, sizeBytes };
    this.#byId.set(file.fileId, file);
    return file;
  }

  /** @throws AppError INVALID_ARGUMENT when no such recording is open */
  get(fileId: string): QueuedFile {
    const file = this.#byId.get(fileId);
    if (file !== undefined) return file;
    throw new AppError('INVALID_ARGUMENT', 'This recording is no longer in the queue. Add it again.', {
      fileId,
    });
  }

  has(fileId: string): boolean {
    return this.#byId.has(fileId);
  }

  remove(fileId: string): void {
    this.#byId.delete(fileId);
  }

  /** Notes that the user dropped this path on the window, so that `files:add` may open it. */
  grant(path: string): void {
    this.#dropped.add(path);
  }

  /** @returns whether the user dropped exactly this path */
  isGranted(path: string): boolean {
    return this.#dropped.has(path);
  }
}
