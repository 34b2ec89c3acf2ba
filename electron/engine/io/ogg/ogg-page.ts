import { AppError } from '../../../contract/app-error.js';
import { oggCrc32 } from './ogg-crc.js';

/** Bytes of a page before its segment table. */
export const oggHeadBytes = 27;

/** Longest page: head, 255 segments and their lengths. */
export const maxOggPageBytes = oggHeadBytes + 255 + 255 * 255;

/** Flags of a page. */
export const oggFlags = { continued: 1, first: 2, last: 4 } as const;

/** One page of an Ogg stream. */
export interface OggPage {
  readonly flags: number;
  /** samples at the end of the last packet that ends here; -1 when none does */
  readonly granule: number;
  readonly serial: number;
  readonly sequence: number;
  /** pieces of packets, in order; the first belongs to the packet of the page before when `continued` */
  readonly pieces: readonly Uint8Array[];
  /** whether the last piece goes on in the next page */
  readonly open: boolean;
}

/** @returns bytes of the segment table that a packet of this length needs */
export function segmentsOf(packetBytes: number): number {
  return Math.floor(packetBytes / 255) + 1;
}

/** @param page  whose pieces are whole packets @returns the page with its checksum @see RFC 3533 section 6 */
export function encodeOggPage(page: Omit<OggPage, 'open'>): Buffer {
  const lengths: number[] = [];
  for (const { length } of page.pieces) {
    for (let left = length; left >= 255; left -= 255) lengths.push(255);
    lengths.push(length % 255);
  }
  if (lengths.length > 255)
    throw new AppError('INTERNAL', 'Expected packets that fit one Ogg page, found more.');
  const head = Buffer.alloc(oggHeadBytes);
  head.write('OggS', 0, 'latin1');
  head[5] = page.flags;
  head.writeBigInt64LE(BigInt(page.granule), 6);
  head.writeUInt32LE(page.serial, 14);
  head.writeUInt32LE(page.sequence, 18);
  head[26] = lengths.length;
  const bytes = Buffer.concat([head, Buffer.from(lengths), ...page.pieces]);
  bytes.writeUInt32LE(oggCrc32(bytes), 22);
  return bytes;
}

/**
 * @param bytes  at least {@link maxOggPageBytes} from the beginning of a page on, fewer only at the end
 * @returns the page and its length; null when it is not whole yet; a text when it is no page, or its checksum is wrong
 */
export function decodeOggPage(bytes: Buffer): { page: OggPage; pageBytes: number } | string | null {
  if (bytes.length < oggHeadBytes) return null;
  if (bytes.toString('latin1', 0, 4) !== 'OggS' || bytes[4] !== 0) return 'no Ogg page';
  const segments = bytes[26]!;
  if (bytes.length < oggHeadBytes + segments) return null;
  const lengths = bytes.subarray(oggHeadBytes, oggHeadBytes + segments);
  const pageBytes = lengths.reduce((sum, length) => sum + length, oggHeadBytes + segments);
  if (bytes.length < pageBytes) return null;
  const copy = Buffer.from(bytes.subarray(0, pageBytes));
  copy.writeUInt32LE(0, 22);
  if (oggCrc32(copy) !== bytes.readUInt32LE(22)) return 'an Ogg page with a wrong checksum';

  const pieces: Buffer[] = [];
  let from = oggHeadBytes + segments;
  let to = from;
  for (const length of lengths) {
    to += length;
    if (length === 255) continue;
    pieces.push(copy.subarray(from, to));
    from = to;
  }
  const open = segments > 0 && lengths[segments - 1] === 255;
  if (open) pieces.push(copy.subarray(from, to));
  const page = {
    flags: copy[5]!,
    granule: Number(copy.readBigInt64LE(6)),
    serial: copy.readUInt32LE(14),
    sequence: copy.readUInt32LE(18),
    pieces,
    open,
  };
  return { page, pageBytes };
}

/** Takes whole packets out of an Ogg stream that arrives in pieces cut anywhere. */
export class OggPacketReader {
  #rest = Buffer.alloc(0);
  #packet: Uint8Array[] = [];

  /** @returns packets that are complete now @throws AppError TOOL_FAILED when the bytes are not Ogg */
  push(bytes: Buffer): Buffer[] {
    let rest = Buffer.concat([this.#rest, bytes]);
    const packets: Buffer[] = [];
    for (;;) {
      const decoded = decodeOggPage(rest);
      if (decoded === null) break;
      if (typeof decoded === 'string') {
        throw new AppError('TOOL_FAILED', `Expected Ogg pages from ffmpeg, found ${decoded}.`);
      }
      const { pieces, open } = decoded.page;
      for (const [index, piece] of pieces.entries()) {
        this.#packet.push(piece);
        if (open && index === pieces.length - 1) break;
        packets.push(Buffer.concat(this.#packet));
        this.#packet = [];
      }
      rest = rest.subarray(decoded.pageBytes);
    }
    this.#rest = Buffer.from(rest);
    return packets;
  }
}
