import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** Random access to one file without ever loading it whole. */
export class FileBytes {
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  readonly #handle: FileHandle;

  /** @param handle  open for reading; closed by `close` */
  constructor(handle: FileHandle, facts: Pick<Stats, 'size' | 'mtime'>) {
    this.#handle = handle;
    this.sizeBytes = facts.size;
    this.modifiedAt = facts.mtime;
  }

  /**
   * @param offset  from the start of the file; beyond its end gives nothing
   * @param length  bytes wanted; callers keep it small, whatever a header claims
   * @returns the bytes there are, [0..length]; owned by the caller
   */
  async read(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.sizeBytes - offset));
    const buffer = Buffer.alloc(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await this.#handle.read(buffer, filled, wanted - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  /** Frees the file; may be called more than once. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}
