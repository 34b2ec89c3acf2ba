import { describe, expect, it } from 'vitest';
import { flacCrc16, flacCrc8 } from './flac-crc.js';
import { FlacFrameSizes } from './flac-encoder.js';

/** A right header. */
function header(frameNumber: number): Buffer {
  const head = Uint8Array.of(0xff, 0xf8, 0xc9, 0x88, frameNumber);
  return Buffer.from([...head, flacCrc8(head, 0, 5)]);
}

/** A frame of `bytes` in all: a right header, `sound` and then something, a right checksum. */
function frame(frameNumber: number, bytes: number, sound: Buffer = Buffer.alloc(0)): Buffer {
  const filling = Buffer.alloc(bytes - 8 - sound.length, 0xff);
  const body = Buffer.concat([header(frameNumber), sound, filling]);
  const crc = flacCrc16(0, body, 0, body.length);
  return Buffer.concat([body, Buffer.of(crc >> 8, crc & 0xff)]);
}

describe('FlacFrameSizes', () => {
  it('finds the smallest and the largest frame however the stream is cut', () => {
    const stream = Buffer.concat([frame(0, 50), frame(1, 20), frame(2, 90), frame(3, 30)]);
    for (let pieceBytes = 1; pieceBytes <= stream.length; pieceBytes += 3) {
      const sizes = new FlacFrameSizes();
      for (let at = 0; at < stream.length; at += pieceBytes) sizes.push(stream.subarray(at, at + pieceBytes));
      expect(sizes.finish(), `pieces of ${pieceBytes}`).toEqual({ smallest: 20, largest: 90 });
    }
  });

  it('does not take sound that looks like the next header for it', () => {
    const stream = Buffer.concat([frame(0, 50, header(1)), frame(1, 40), frame(2, 45)]);
    for (let pieceBytes = 1; pieceBytes <= stream.length; pieceBytes += 3) {
      const sizes = new FlacFrameSizes();
      for (let at = 0; at < stream.length; at += pieceBytes) sizes.push(stream.subarray(at, at + pieceBytes));
      expect(sizes.finish(), `pieces of ${pieceBytes}`).toEqual({ smallest: 40, largest: 50 });
    }
  });

  it('says when there was no frame', () => {
    const sizes = new FlacFrameSizes();
    sizes.push(Buffer.from('no frames'));
    expect(() => sizes.finish()).toThrow(/Expected FLAC frames/);
  });
});
