import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { flacBlockLeaks, maxBlockBytes } from './flac-leaks.js';
import { leak } from './leak.js';
import { readableText } from './hidden-bytes.js';
import { vorbisCommentLeaks } from './vorbis-comment-leaks.js';

/** Pages looked at: more than 24 hours of speech, and still only a moment. */
const maxPages = 200_000;
const windowBytes = 256 * 1024;
/** Header packets of one stream that are put together; the comment is the second one. */
const maxHeaderPackets = 16;

interface Page {
  readonly serial: number;
  readonly begins: boolean;
  readonly lacing: Buffer;
  readonly dataOffset: number;
}

/** One logical stream whose header packets are being collected. */
interface Headers {
  readonly packets: Buffer[];
  parts: Buffer[];
  partBytes: number;
}

/** What an Ogg file (Vorbis, Opus, Speex, FLAC) gives away in the headers of all its streams, chained ones included. */
export async function oggLeaks(bytes: FileBytes): Promise<Leak[]> {
  const found: Leak[] = [];
  const streams = new Map<number, Headers>();
  for await (const page of pages(bytes)) {
    if (page.begins) streams.set(page.serial, { packets: [], parts: [], partBytes: 0 });
    const stream = streams.get(page.serial);
    if (stream === undefined) continue;
    let offset = page.dataOffset;
    for (const packet of packetEnds(page.lacing)) {
      if (stream.partBytes < maxBlockBytes) {
        stream.parts.push(await bytes.read(offset, packet.bytes));
        stream.partBytes += packet.bytes;
      }
      offset += packet.bytes;
      if (!packet.complete) break;
      const whole = Buffer.concat(stream.parts);
      stream.parts = [];
      stream.partBytes = 0;
      found.push(...headerLeaks(whole, stream.packets));
      stream.packets.push(whole.subarray(0, 64));
      if (!isHeader(whole, stream.packets)) {
        streams.delete(page.serial); // sound from here on
        break;
      }
    }
  }
  return found;
}

async function* pages(bytes: FileBytes): AsyncGenerator<Page> {
  let window: Buffer = Buffer.alloc(0);
  let windowOffset = 0;
  let offset = 0;
  for (let n = 0; n < maxPages; n++) {
    const inside = offset - windowOffset;
    if (inside + 27 + 255 > window.length) {
      windowOffset = offset;
      window = await bytes.read(offset, windowBytes);
    }
    const at = offset - windowOffset;
    if (at + 27 > window.length || window.toString('latin1', at, at + 4) !== 'OggS') return;
    const lacing = Buffer.from(window.subarray(at + 27, at + 27 + window.readUInt8(at + 26)));
    const dataOffset = offset + 27 + lacing.length;
    yield {
      serial: window.readUInt32LE(at + 14),
      begins: (window.readUInt8(at + 5) & 2) !== 0,
      lacing,
      dataOffset,
    };
    offset = dataOffset + lacing.reduce((sum, bytesOfSegment) => sum + bytesOfSegment, 0);
  }
}

function* packetEnds(lacing: Buffer): Generator<{ bytes: number; complete: boolean }> {
  let bytes = 0;
  for (const segment of lacing) {
    bytes += segment;
    if (segment === 255) continue;
    yield { bytes, complete: true };
    bytes = 0;
  }
  if (bytes > 0) yield { bytes, complete: false };
}

/** @param before  beginnings of the stream's earlier packets */
function headerLeaks(packet: Buffer, before: readonly Buffer[]): Leak[] {
  const starts = (signature: string): boolean =>
    packet.subarray(0, signature.length).equals(Buffer.from(signature, 'latin1'));
  if (starts('\x03vorbis')) return vorbisCommentLeaks(packet.subarray(7));
  if (starts('OpusTags')) return vorbisCommentLeaks(packet.subarray(8));
  const first = before[0];
  if (first === undefined) {
    if (!starts('fishead')) return [];
    return [
      leak(
        'ogg.skeleton',
        { meaning: 'times and notes of the streams (Skeleton)', kind: 'technical' },
        readableText(packet),
      ),
    ];
  }
  if (first.toString('latin1', 0, 5) === 'Speex' && before.length === 1) return vorbisCommentLeaks(packet);
  if (first.toString('latin1', 1, 5) === 'FLAC' && packet.length >= 4 && packet[0] !== 0xff) {
    return flacBlockLeaks(packet.readUInt8(0) & 0x7f, packet.subarray(4), packet.readUIntBE(1, 3));
  }
  return [];
}

/** @returns whether more header packets may follow */
function isHeader(packet: Buffer, seen: readonly Buffer[]): boolean {
  const first = seen[0]?.toString('latin1', 0, 8) ?? '';
  if (seen.length >= maxHeaderPackets) return false;
  if (first.startsWith('\x7fFLAC')) return packet[0] !== 0xff;
  if (first === 'OpusHead') return seen.length < 2;
  return seen.length < 3;
}
