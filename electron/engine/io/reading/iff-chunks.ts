import type { FileBytes } from './file-bytes.js';

/** One chunk of a RIFF, RF64 or AIFF file. */
export interface Chunk {
  /** four characters as they stand, Latin-1 */
  readonly id: string;
  /** where its eight bytes of header begin */
  readonly headerOffset: number;
  readonly dataOffset: number;
  /** bytes of data that the header promises */
  readonly sizeBytes: number;
  /** bytes of data that the file really holds */
  readonly availableBytes: number;
}

/** A file's chunks in order, and what stands behind the last one. */
export interface ChunkList {
  readonly chunks: readonly Chunk[];
  /** end of the last chunk with its padding byte, not beyond the file's end */
  readonly endOffset: number;
  /** false when a header could not be one, a chunk ran over the end, or there were too many */
  readonly complete: boolean;
}

/** @see listChunks */
export interface ChunkOptions {
  readonly littleEndian: boolean;
  /** first chunk's header */
  readonly startOffset: number;
  /** nothing is read at or behind this */
  readonly endOffset: number;
  /** true sizes of chunks whose 32-bit size says 0xFFFFFFFF (RF64's `ds64`) */
  readonly wideSizes?: ReadonlyMap<string, number>;
}

/** More chunks than any recorder writes; a file full of empty ones must not keep us busy. */
const maxChunks = 4096;

/** @returns the chunks of `bytes` between two offsets; never throws on odd content */
export async function listChunks(bytes: FileBytes, options: ChunkOptions): Promise<ChunkList> {
  const end = Math.min(options.endOffset, bytes.sizeBytes);
  const chunks: Chunk[] = [];
  let offset = options.startOffset;
  while (offset + 8 <= end) {
    if (chunks.length === maxChunks) return { chunks, endOffset: offset, complete: false };
    const header = await bytes.read(offset, 8);
    const id = header.toString('latin1', 0, 4);
    if (header.length < 8 || !isChunkId(id)) return { chunks, endOffset: offset, complete: false };
    const stored = options.littleEndian ? header.readUInt32LE(4) : header.readUInt32BE(4);
    const sizeBytes = stored === 0xffffffff ? (options.wideSizes?.get(id) ?? stored) : stored;
    const dataOffset = offset + 8;
    const availableBytes = Math.min(sizeBytes, end - dataOffset);
    chunks.push({ id, headerOffset: offset, dataOffset, sizeBytes, availableBytes });
    if (availableBytes < sizeBytes) return { chunks, endOffset: end, complete: false };
    offset = Math.min(end, dataOffset + sizeBytes + (sizeBytes % 2));
  }
  return { chunks, endOffset: offset, complete: offset === end };
}

/** Opens the chunk list of a RIFF, RIFX, RF64 or BW64 file. */
export interface RiffFile extends ChunkList {
  /** RIFF, RIFX, RF64 or BW64 */
  readonly kind: string;
  readonly littleEndian: boolean;
  /** bytes of the whole file as its header promises; null when the header does not say (0 or 0xFFFFFFFF) */
  readonly declaredFileBytes: number | null;
}

/**
 * @param bytes  a file that begins with RIFF, RIFX, RF64 or BW64
 * @returns its chunks up to the end of the *file*: what stands behind the declared end is listed too when it looks like chunks
 */
export async function readRiff(bytes: FileBytes): Promise<RiffFile> {
  const head = await bytes.read(0, 12);
  const kind = head.toString('latin1', 0, 4);
  const littleEndian = kind !== 'RIFX';
  const stored = head.length < 8 ? 0 : littleEndian ? head.readUInt32LE(4) : head.readUInt32BE(4);
  let declaredFileBytes = stored === 0 || stored === 0xffffffff ? null : stored + 8;
  const wideSizes = new Map<string, number>();
  if (kind === 'RF64' || kind === 'BW64') {
    const ds64 = await bytes.read(12, 8 + 28 + 12 * 32);
    if (ds64.toString('latin1', 0, 4) === 'ds64' && ds64.length >= 36) {
      declaredFileBytes = readSize64(ds64, 8) + 8;
      wideSizes.set('data', readSize64(ds64, 16));
      const entries = Math.min(ds64.readUInt32LE(32), Math.floor((ds64.length - 36) / 12));
      for (let n = 0; n < entries; n++) {
        const at = 36 + n * 12;
        wideSizes.set(ds64.toString('latin1', at, at + 4), readSize64(ds64, at + 4));
      }
    }
  }
  const list = await listChunks(bytes, {
    littleEndian,
    startOffset: 12,
    endOffset: bytes.sizeBytes,
    wideSizes,
  });
  return { ...list, kind, littleEndian, declaredFileBytes };
}

function readSize64(buffer: Buffer, offset: number): number {
  // Beyond 2^53 no file exists; the nearest number is as wrong as the exact one.
  return Number(buffer.readBigUInt64LE(offset));
}

function isChunkId(id: string): boolean {
  // "(c) " and "©xyz"-like ids exist; control characters and zeros do not.
  return /^[\x20-\x7e\xa9]{4}$/.test(id);
}
