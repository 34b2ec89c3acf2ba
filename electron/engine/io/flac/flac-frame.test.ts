import { describe, expect, it } from 'vitest';
import { flacCrc8 } from './flac-crc.js';
import { findFlacFrame, parseFlacFrameHeader } from './flac-frame.js';

/** A header with its checksum. */
function header(...bytes: number[]): Buffer {
  return Buffer.from([...bytes, flacCrc8(Uint8Array.from(bytes), 0, bytes.length)]);
}

describe('parseFlacFrameHeader', () => {
  it('reads common codes', () => {
    // 4096 sample frames at 44.1 kHz, left/side stereo, 16 bits, frame 5
    expect(parseFlacFrameHeader(header(0xff, 0xf8, 0xc9, 0x88, 5), 0)).toEqual({
      headerBytes: 6,
      frameNumber: 5,
      blockFrames: 4096,
      sampleRateHz: 44100,
      channels: 2,
      bitsPerSample: 16,
    });
  });

  it('reads block sizes and rates that follow the number', () => {
    // 16-bit block size, rate in tens of Hz, six channels, 24 bits, frame 0x1F4A0 in four bytes
    const bytes = header(0xff, 0xf8, 0x7e, 0x5c, 0xf0, 0x9f, 0x92, 0xa0, 0x03, 0xe7, 0x4b, 0x00);
    expect(parseFlacFrameHeader(bytes, 0)).toMatchObject({
      frameNumber: 0x1f4a0,
      blockFrames: 1000,
      sampleRateHz: 192_000,
      channels: 6,
      bitsPerSample: 24,
      headerBytes: 13,
    });
    expect(parseFlacFrameHeader(header(0xff, 0xf8, 0x6c, 0x08, 0, 0, 37), 0)).toMatchObject({
      blockFrames: 1,
      sampleRateHz: 37_000,
      channels: 1,
    });
  });

  it('takes the largest frame number', () => {
    const bytes = header(0xff, 0xf8, 0xc9, 0x18, 0xfd, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf);
    expect(parseFlacFrameHeader(bytes, 0)?.frameNumber).toBe(2 ** 31 - 1);
  });

  it.each([
    ['variable block size', header(0xff, 0xf9, 0xc9, 0x88, 5)],
    ['reserved block size', header(0xff, 0xf8, 0x09, 0x88, 5)],
    ['invalid rate', header(0xff, 0xf8, 0xcf, 0x88, 5)],
    ['reserved channels', header(0xff, 0xf8, 0xc9, 0xb8, 5)],
    ['reserved depth', header(0xff, 0xf8, 0xc9, 0x86, 5)],
    ['reserved bit', header(0xff, 0xf8, 0xc9, 0x89, 5)],
    ['broken number', header(0xff, 0xf8, 0xc9, 0x88, 0xc2, 0x05)],
    ['wrong checksum', Buffer.from([0xff, 0xf8, 0xc9, 0x88, 5, 0])],
    ['cut off', header(0xff, 0xf8, 0x7e, 0x5c, 0xf0, 0x9f).subarray(0, 6)],
    ['nothing', Buffer.alloc(0)],
  ])('refuses a header with %s', (_, bytes) => {
    expect(parseFlacFrameHeader(bytes, 0)).toBeNull();
  });
});

describe('findFlacFrame', () => {
  it('passes over sync codes that are no header, or of another frame', () => {
    const wanted = header(0xff, 0xf8, 0xc9, 0x88, 5);
    const other = header(0xff, 0xf8, 0xc9, 0x88, 6);
    const bytes = Buffer.concat([Buffer.from([0xff, 0xf8, 0xff, 0xf8, 1]), other, wanted, other]);
    expect(findFlacFrame(bytes, 0, 5)).toBe(11);
    expect(findFlacFrame(bytes, 12, 5)).toBe(-1);
    expect(findFlacFrame(bytes.subarray(0, 15), 0, 5)).toBe(-1);
  });
});
