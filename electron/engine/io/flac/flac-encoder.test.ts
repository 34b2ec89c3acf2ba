import { describe, expect, it } from 'vitest';
import { flacCrc8 } from './flac-crc.js';
import { FlacFrameSizes } from './flac-encoder.js';

/** A frame of `bytes` in all: a right header, then something. */
function frame(frameNumber: number, bytes: number): Buffer {
  const head = Uint8Array.of(0xff, 0xf8, 0xc9, 0x88, frameNumber);
  return Buffer.concat(
    [head, [flacCrc8(head, 0, 5)], Buffer.alloc(bytes - 6, 0xff)].map((part) => Buffer.from(part)),
  );
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

  it('says when there was no frame', () => {
    const sizes = new FlacFrameSizes();
    sizes.push(Buffer.from('no frames'));
    expect(() => sizes.finish()).toThrow(/Expected FLAC frames/);
  });
});
