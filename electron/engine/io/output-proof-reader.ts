import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../contract/app-error.js';
import type { Proof } from '../../contract/report.js';
import { throwIfAborted } from './abort.js';

/** Bytes read from the disk at a time; one piece is read ahead while the former is hashed. */
const pieceBytes = 1 << 20;

/** What a format's parser found out about a file besides that it is clean. */
export interface ProvenFacts {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** sample frames that a decoder gives back */
  readonly sampleFrames: number;
}

/**
 * Reads a finished file once from its first byte to its last, hashes every byte, and keeps the account of the parts
 * they belong to. A format's parser may only go forward: what it does not claim is an error.
 */
export class ProofReader {
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  readonly #signal: AbortSignal | undefined;
  readonly #hash: Hash = createHash('sha256');
  readonly #parts: { part: string; bytes: number }[] = [];
  readonly #pieces = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)] as const;
  #ahead: Promise<Buffer>;
  #pieceIndex = 0;
  #readBytes = 0;
  #window = Buffer.allocUnsafe(2 * pieceBytes);
  #start = 0;
  #end = 0;
  #offset = 0;

  private constructor(handle: FileHandle, sizeBytes: number, signal: AbortSignal | undefined) {
    this.#handle = handle;
    this.#signal = signal;
    this.sizeBytes = sizeBytes;
    this.#ahead = this.#readPiece();
  }

  /**
   * Opens `path`, hands it to `parse`, and closes it.
   * @param parse  must claim every byte up to the end
   * @returns the account, the hash of all bytes, and what `parse` returned
   * @throws AppError OUTPUT_NOT_CLEAN when bytes are left or missing, CANCELLED
   */
  static async read(
    path: string,
    parse: (reader: ProofReader) => Promise<ProvenFacts>,
    signal?: AbortSignal,
  ): Promise<{ proof: Proof; sha256: string; facts: ProvenFacts }> {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      const reader = new ProofReader(handle, size, signal);
      try {
        const facts = await parse(reader);
        if (await reader.ensure(1)) throw reader.unclean('bytes after the last part of the sound');
        const proof: Proof = { clean: true, sizeBytes: size, parts: reader.#parts };
        return { proof, sha256: reader.#hash.digest('hex'), facts };
      } finally {
        await reader.#ahead.catch(() => undefined); // the handle must not be closed under a running read
      }
    } finally {
      await handle.close();
    }
  }

  /** position in the file of the next unclaimed byte */
  get offset(): number {
    return this.#offset;
  }

  /** bytes from `offset` that are in memory */
  get available(): number {
    return this.#end - this.#start;
  }

  /** @returns the bytes in memory from `offset` on; valid until the next call that reads */
  view(): Buffer {
    return this.#window.subarray(this.#start, this.#end);
  }

  /** Brings at least `bytes` from `offset` into memory. @returns whether the file has that many left */
  async ensure(bytes: number): Promise<boolean> {
    while (this.available < bytes) {
      const piece = await this.#nextPiece();
      if (piece.length === 0) return false;
      this.#keep(piece);
    }
    return true;
  }

  /** @returns the next `bytes` without claiming them @throws AppError OUTPUT_NOT_CLEAN when the file ends before */
  async peek(bytes: number, what: string): Promise<Buffer> {
    if (!(await this.ensure(bytes))) {
      throw this.unclean(`the end of the file ${this.available} bytes into ${what}`);
    }
    return this.#window.subarray(this.#start, this.#start + bytes);
  }

  /** Claims the next `bytes` in memory as `part`; equal neighbours are summed up. */
  claim(bytes: number, part: string): void {
    if (bytes > this.available) throw new AppError('INTERNAL', 'Expected to claim bytes that were read.');
    this.#start += bytes;
    this.#account(bytes, part);
  }

  /** Claims the next `bytes` as `part` without looking at them; they are hashed like all others. */
  async claimUnread(bytes: number, part: string): Promise<void> {
    let left = bytes;
    while (left > this.available) {
      left -= this.available;
      this.#start = this.#end;
      const piece = await this.#nextPiece();
      if (piece.length === 0) throw this.unclean(`${left} bytes less than the ${part} should have`);
      if (piece.length > left) this.#keep(piece);
      else left -= piece.length;
      if (left === 0) break;
    }
    this.#start += left;
    this.#account(bytes, part);
  }

  /** @returns the error that fails the export: what stands at `offset`, or `position` when given */
  unclean(found: string, position = this.#offset): AppError {
    return new AppError(
      'OUTPUT_NOT_CLEAN',
      `Expected only sound in the written file, found ${found} at byte ${position}. ` +
        'The file was not kept; please report this as a fault of Sotto.',
      { offset: position, found },
    );
  }

  #account(bytes: number, part: string): void {
    this.#offset += bytes;
    const last = this.#parts.at(-1);
    if (last?.part === part) last.bytes += bytes;
    else if (bytes > 0) this.#parts.push({ part, bytes });
  }

  async #nextPiece(): Promise<Buffer> {
    throwIfAborted(this.#signal);
    const piece = await this.#ahead;
    if (piece.length > 0) {
      this.#ahead = this.#readPiece();
      this.#hash.update(piece);
    }
    return piece;
  }

  async #readPiece(): Promise<Buffer> {
    const into = this.#pieces[this.#pieceIndex]!;
    this.#pieceIndex = 1 - this.#pieceIndex;
    const { bytesRead } = await this.#handle.read(into, 0, into.length, this.#readBytes);
    this.#readBytes += bytesRead;
    return into.subarray(0, bytesRead);
  }

  #keep(piece: Buffer): void {
    const kept = this.available;
    if (this.#window.length - this.#end < piece.length) {
      const room = kept + piece.length;
      const into = room > this.#window.length ? Buffer.allocUnsafe(2 * room) : this.#window;
      this.#window.copy(into, 0, this.#start, this.#end);
      this.#window = into;
      this.#start = 0;
      this.#end = kept;
    }
    piece.copy(this.#window, this.#end);
    this.#end += piece.length;
  }
}
