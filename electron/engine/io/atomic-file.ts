import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { link, lstat, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { AppError } from '../../contract/app-error.js';
import { KeptYoung } from './kept-young.js';
import { systemCode } from './output-error.js';

/**
 * The modification and access time of every output, in seconds since 1970: 1980-01-02 00:00 UTC. FAT and zip cannot
 * hold anything before 1980-01-01 local time, so the second day is right in every time zone. The file system's own
 * change and birth times cannot be set; they do not travel with a copy.
 */
export const neutralTimeSeconds = Date.UTC(1980, 0, 2) / 1000;

/** Longest name that the common file systems take, in bytes of UTF-8. */
const maxNameBytes = 255;

/** Errors that a file system without hard links gives to `link`. */
const noHardLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EACCES']);

/**
 * How the names of this process's temporary files begin. The process id lets whoever finds one see whether somebody is still
 * writing it; the random half, which all threads share, tells it from that of another machine with the same id on a shared disk.
 */
const ownPrefix = `.sotto-${process.pid}-${sharedToken()}`;

/** Made when the first thread loads this module; threads started later inherit it. */
function sharedToken(): string {
  const key = 'sotto.temporary-files';
  const known = getEnvironmentData(key);
  if (typeof known === 'string') return known;
  const token = randomBytes(4).toString('hex');
  setEnvironmentData(key, token);
  return token;
}

/** @see AtomicFile.create */
export interface AtomicFileOptions {
  readonly overwrite: boolean;
  /** permissions of the file from its first byte on, less the process's umask; 0o600 for what is private, 0o666 where it is left out */
  readonly mode?: number;
  /** how the temporary file is opened; tests pass one that runs out of space */
  readonly openFile?: (path: string, flags: string, mode: number) => Promise<FileHandle>;
  /** how the final name is taken; tests pass one of a file system without hard links */
  readonly linkFile?: (from: string, to: string) => Promise<void>;
}

/**
 * A file that appears under its name only when it is whole. Until then it stands beside the target under a hidden,
 * random name that tells nothing of the source. Errors are the system's own; the caller puts them in words.
 */
export class AtomicFile {
  readonly target: string;
  /** where the bytes are until `commit` */
  readonly temporaryPath: string;
  readonly #overwrite: boolean;
  readonly #linkFile: (from: string, to: string) => Promise<void>;
  readonly #young: KeptYoung;
  #handle: FileHandle | null;
  #sizeBytes = 0;
  #state: 'open' | 'committed' | 'discarded' = 'open';

  private constructor(target: string, temporaryPath: string, handle: FileHandle, options: AtomicFileOptions) {
    this.target = target;
    this.temporaryPath = temporaryPath;
    this.#handle = handle;
    this.#overwrite = options.overwrite;
    this.#linkFile = options.linkFile ?? link;
    this.#young = new KeptYoung(temporaryPath);
  }

  /**
   * @param target  final path; its folder must exist
   * @throws AppError OUTPUT_EXISTS, OUTPUT_NOT_WRITABLE (a folder of that name), OUTPUT_NAME_TOO_LONG;
   *   the system's error when the folder is missing or not writable
   */
  static async create(target: string, options: AtomicFileOptions): Promise<AtomicFile> {
    const path = resolve(target);
    await assertFree(path, options.overwrite);
    const name = `${ownPrefix}${randomBytes(4).toString('hex')}.part`;
    const temporaryPath = join(dirname(path), name);
    const openFile = options.openFile ?? open;
    const handle = await openFile(temporaryPath, 'wx+', options.mode ?? 0o666);
    return new AtomicFile(path, temporaryPath, handle, options);
  }

  /** bytes appended so far */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Writes at the end; `bytes` may be reused once it resolves. */
  async append(bytes: Uint8Array): Promise<void> {
    await this.writeAt(bytes, this.#sizeBytes);
  }

  /** Writes all of `bytes` at `position`. */
  async writeAt(bytes: Uint8Array, position: number): Promise<void> {
    const handle = this.#open();
    let done = 0;
    // A nearly full disk takes a part and refuses the rest with the next call.
    while (done < bytes.length) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
    this.#sizeBytes = Math.max(this.#sizeBytes, position + bytes.length);
  }

  /**
   * Moves everything from `from` to the end so that it starts at `to`; the file grows or shrinks by the difference.
   * For headers whose length was guessed wrong.
   */
  async shift(from: number, to: number): Promise<void> {
    const handle = this.#open();
    const length = this.#sizeBytes - from;
    const piece = Buffer.allocUnsafe(1 << 20);
    for (let done = 0; done < length;) {
      const bytes = Math.min(piece.length, length - done);
      // Upwards from the end, downwards from the beginning: nothing is overwritten before it was read.
      const offset = to > from ? length - done - bytes : done;
      await readAll(handle, piece.subarray(0, bytes), from + offset);
      await this.writeAt(piece.subarray(0, bytes), to + offset);
      done += bytes;
    }
    this.#sizeBytes = to + length;
    await handle.truncate(this.#sizeBytes);
  }

  /** Brings everything to the disk and closes the handle; the file is then complete for whoever re-opens it. */
  async close(): Promise<void> {
    const handle = this.#open();
    await handle.sync();
    this.#handle = null;
    await handle.close();
  }

  /**
   * Sets neutral times and gives the file its name. Without `overwrite` the name is taken in one step that fails when
   * somebody else has it, so that two jobs cannot write the same output.
   * @throws AppError OUTPUT_EXISTS; the system's error otherwise. The temporary file is then still there.
   */
  async commit(): Promise<void> {
    if (this.#handle !== null || this.#state !== 'open') {
      throw new AppError(
        'INTERNAL',
        'Expected a closed temporary file to be renamed once, found another state.',
      );
    }
    // A touch under way would undo the neutral times.
    await this.#young.stop();
    const file = await open(this.temporaryPath, 'r+');
    try {
      await file.utimes(neutralTimeSeconds, neutralTimeSeconds);
    } finally {
      await file.close();
    }
    if (this.#overwrite) await rename(this.temporaryPath, this.target);
    else await this.#takeName();
    this.#state = 'committed';
    await syncFolder(dirname(this.target));
  }

  /** Removes the temporary file; does nothing after `commit`, and may be called more than once. */
  async discard(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'discarded';
    const handle = this.#handle;
    this.#handle = null;
    await this.#young.stop();
    try {
      await handle?.close();
    } finally {
      await removeIfThere(this.temporaryPath);
    }
  }

  async #takeName(): Promise<void> {
    try {
      await this.#linkFile(this.temporaryPath, this.target);
      await unlink(this.temporaryPath);
      return;
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EEXIST') throw existsError(this.target);
      if (code === null || !noHardLinks.has(code)) throw error;
    }
    // No hard links here (FAT, some network disks): an empty file reserves the name, the whole one replaces it.
    try {
      const reserved = await open(this.target, 'wx');
      await reserved.close();
    } catch (error) {
      if (systemCode(error) === 'EEXIST') throw existsError(this.target);
      throw error;
    }
    try {
      await rename(this.temporaryPath, this.target);
    } catch (error) {
      await removeIfThere(this.target);
      throw error;
    }
  }

  #open(): FileHandle {
    if (this.#handle === null)
      throw new AppError('INTERNAL', 'Expected an open output file, found a closed one.');
    return this.#handle;
  }
}

/**
 * Removes at once whatever this process, with all its threads, has not finished in `folder`: for an exit that cannot wait.
 * What cannot be removed stays for the next run to erase.
 */
export function eraseUnfinished(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(ownPrefix)) rmSync(join(folder, name), { force: true });
    }
  } catch (error) {
    if (systemCode(error) === null) throw error;
  }
}

/** Fails early, before hours of work, where `commit` would fail late. */
async function assertFree(path: string, overwrite: boolean): Promise<void> {
  const nameBytes = Buffer.byteLength(basename(path));
  if (nameBytes > maxNameBytes) {
    throw new AppError(
      'OUTPUT_NAME_TOO_LONG',
      `Expected a file name of at most ${maxNameBytes} bytes, found ${nameBytes}. Choose a shorter name.`,
      { path },
    );
  }
  let found;
  try {
    found = await lstat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  if (found.isDirectory()) {
    throw new AppError(
      'OUTPUT_NOT_WRITABLE',
      `Expected "${basename(path)}" in "${dirname(path)}" to be free for a file, found a folder. Choose another name.`,
      { path },
    );
  }
  if (!overwrite) throw existsError(path);
}

function existsError(path: string): AppError {
  return new AppError(
    'OUTPUT_EXISTS',
    `Expected no file "${basename(path)}" in "${dirname(path)}", found one. Allow overwriting, or choose another name.`,
    { path },
  );
}

async function readAll(handle: FileHandle, into: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0)
      throw new AppError('INTERNAL', 'Expected the temporary file to be whole, found its end.');
    done += bytesRead;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Makes the new name survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows and some network disks do not sync folders; the file itself is whole and has its name.
  }
}
