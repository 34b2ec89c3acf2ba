import { describe, expect, it } from 'vitest';
import { oggCrc32 } from './ogg-crc.js';
import { decodeOggPage, encodeOggPage, OggPacketReader, segmentsOf } from './ogg-page.js';

function page(sequence: number, pieces: Buffer[]): Buffer {
  return encodeOggPage({ flags: 0, granule: 960 * sequence, serial: 1, sequence, pieces });
}

describe('oggCrc32', () => {
  it('gives the check value of the POSIX cksum polynomial before its final inversion', () => {
    expect(oggCrc32(Buffer.from('123456789'))).toBe(0x89a1897f);
  });
});

describe('an Ogg page', () => {
  it.each([0, 1, 254, 255, 256, 510, 511])('keeps packets of %i bytes apart', (bytes) => {
    const pieces = [Buffer.alloc(bytes, 7), Buffer.alloc(3, 8)];
    const decoded = decodeOggPage(page(5, pieces));
    expect(decoded).toMatchObject({ page: { sequence: 5, granule: 4800, serial: 1, open: false } });
    if (decoded === null || typeof decoded === 'string') throw new Error('no page');
    expect(decoded.page.pieces.map((piece) => piece.length)).toEqual([bytes, 3]);
    expect(segmentsOf(bytes)).toBe(Math.floor(bytes / 255) + 1);
  });

  it('is found broken when one bit is', () => {
    const bytes = page(1, [Buffer.alloc(100)]);
    for (let at = 0; at < bytes.length; at++) {
      const broken = Buffer.from(bytes);
      broken[at]! ^= 0x10;
      const decoded = decodeOggPage(broken);
      expect(decoded === null || typeof decoded === 'string', `byte ${at}`).toBe(true);
    }
  });

  it('cannot hold more than 255 segments', () => {
    expect(() => page(1, Array<Buffer>(256).fill(Buffer.alloc(1)))).toThrow(/fit one Ogg page/);
  });
});

describe('OggPacketReader', () => {
  it('joins a packet that goes on over pages, however the bytes arrive', () => {
    // A packet of 65 100 bytes: 255 segments of 255 in the first page, 75 bytes in the second.
    const packet = Buffer.from(Array.from({ length: 65_100 }, (_, i) => (i * 31) & 0xff));
    const first = Buffer.concat([Buffer.alloc(27), Buffer.alloc(255, 255), packet.subarray(0, 65_025)]);
    first.write('OggS');
    first[26] = 255;
    first.writeUInt32LE(oggCrc32(first), 22);
    const stream = Buffer.concat([first, page(1, [packet.subarray(65_025), Buffer.from('next')])]);
    for (const pieceBytes of [1000, 65_537, stream.length]) {
      const reader = new OggPacketReader();
      const packets: Buffer[] = [];
      for (let at = 0; at < stream.length; at += pieceBytes) {
        packets.push(...reader.push(stream.subarray(at, at + pieceBytes)));
      }
      expect(packets.map((found) => found.length)).toEqual([65_100, 4]);
      expect(packets[0]!.equals(packet)).toBe(true);
    }
  });

  it('says when the stream is not Ogg', () => {
    expect(() => new OggPacketReader().push(Buffer.alloc(100))).toThrow(/Expected Ogg pages/);
  });
});
