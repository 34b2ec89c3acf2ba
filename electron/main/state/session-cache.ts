import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaKind } from '../../contract/media.js';

const parts = ['raw', 'lanes', 'result', 'preview'] as const;
type Part = (typeof parts)[number];

/**
 * Playback copies and lanes of this session, in a folder that only this user may read. They hold raw voice: the folder is erased
 * when the app ends, and what a crashed session left is erased when the next one starts.
 */
export class SessionCache {
  readonly #root: string;
  readonly #folder: string;
  /** the folder that is served for each part of each recording */
  readonly #published = new Map<string, string>();

  private constructor(root: string, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  /**
   * Erases leftovers and makes a new session folder. The caller holds the app's single-instance lock,
   * so every other session below `root` is a dead one.
   * @param root  folder that holds nothing but sessions
   */
  static async open(root: string): Promise<SessionCache> {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const leftovers = await readdir(root);
    await Promise.all(leftovers.map((name) => rm(join(root, name), { recursive: true, force: true })));
    const folder = join(root, randomBytes(9).toString('base64url'));
    await mkdir(folder, { mode: 0o700 });
    return new SessionCache(root, folder);
  }

  /**
   * @returns an empty folder for the engine to write one part of a recording into; not served until {@link publish}
   */
  async newFolder(fileId: string, part: Part): Promise<string> {
    const parent = join(this.#folder, fileId);
    await mkdir(parent, { recursive: true, mode: 0o700 });
    return await mkdtemp(join(parent, `${part}-`));
  }

  /** Serves `folder` from now on and erases what was served before, so that no reader sees half a file. */
  async publish(fileId: string, part: Part, folder: string): Promise<void> {
    const key = `${fileId}/${part}`;
    const previous = this.#published.get(key);
    this.#published.set(key, folder);
    if (previous !== undefined && previous !== folder) await this.discard(previous);
  }

  /** Erases a folder of {@link newFolder} that came to nothing. */
  async discard(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true });
  }

  /** @returns absolute path of a published file; null when there is none */
  locate(fileId: string, kind: MediaKind): string | null {
    const part = partOf(kind);
    const folder = this.#published.get(`${fileId}/${part}`);
    return folder === undefined ? null : join(folder, kind);
  }

  /** Erases everything of one recording. */
  async remove(fileId: string): Promise<void> {
    for (const part of parts) this.#published.delete(`${fileId}/${part}`);
    await rm(join(this.#folder, fileId), { recursive: true, force: true });
  }

  /** Erases the session. */
  async erase(): Promise<void> {
    this.#published.clear();
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** Lanes are made apart from the copy, so they come and go apart from it. */
function partOf(kind: MediaKind): Part {
  if (kind === 'raw.lanes') return 'lanes';
  return parts.find((part) => kind.startsWith(`${part}.`)) ?? 'result';
}
