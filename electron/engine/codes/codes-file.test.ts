import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../contract/app-error.js';
import { voiceFrameCount } from '../dsp/centred-frames.js';
import { readCodes, writeCodes, type CodesFile } from './codes-file.js';

const codebooks = ['a', 'b'].map((name) => createHash('sha256').update(name).digest('hex'));
const hashBytes = 32;
const codeFrames = (sampleFrames: number, sampleRateHz: number) =>
  voiceFrameCount(sampleFrames, sampleRateHz) / 2;
const checksumOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Any recording of up to some seconds, with any codes. */
const anyCodes: fc.Arbitrary<CodesFile> = fc
  .record({
    sampleRateHz: fc.integer({ min: 8000, max: 192_000 }),
    sampleFrames: fc.integer({ min: 1, max: 200_000 }),
    count: fc.integer({ min: 1, max: 2 }),
  })
  .chain(({ sampleRateHz, sampleFrames, count }) => {
    const frames = codeFrames(sampleFrames, sampleRateHz);
    const codes = fc.uint16Array({ minLength: frames, maxLength: frames, max: 511 });
    return fc.tuple(...codebooks.slice(0, count).map(() => codes)).map((all) => ({
      ...{ sampleRateHz, sampleFrames },
      tracks: all.map((codes, at) => ({ codebookSha256: codebooks[at]!, codes })),
    }));
  });

const example: CodesFile = {
  sampleRateHz: 16_000,
  sampleFrames: 1000,
  tracks: codebooks.map((codebookSha256, at) => ({
    codebookSha256,
    codes: Uint16Array.of(511, 0, at, 256).subarray(0, codeFrames(1000, 16_000)),
  })),
};

function refusal(bytes: Uint8Array): string {
  try {
    readCodes(bytes);
    return 'accepted';
  } catch (error) {
    return error instanceof AppError ? `${error.code} ${error.message}` : String(error);
  }
}

/** @returns `bytes` with another byte, and a checksum that fits again */
function resealed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const body = bytes.slice(0, -hashBytes);
  body[at] = value;
  return Buffer.concat([body, checksumOf(body)]);
}

describe('codes files', () => {
  it('hold exactly what was written', () => {
    fc.assert(
      fc.property(anyCodes, (content) => {
        expect(readCodes(writeCodes(content))).toEqual(content);
      }),
    );
  });

  it('need at most 1000 bits for a second of codes', () => {
    fc.assert(
      fc.property(anyCodes, (content) => {
        const frames = codeFrames(content.sampleFrames, content.sampleRateHz);
        const header = 24 + hashBytes * content.tracks.length;
        const codeBytes = writeCodes(content).length - header - hashBytes;
        // The last byte may be begun.
        expect(codeBytes - 1).toBeLessThanOrEqual(((frames / 50) * 1000) / 8);
      }),
    );
  });

  it('have every byte where the format says', () => {
    const bytes = Buffer.from(writeCodes({ ...example, tracks: example.tracks.slice(0, 1) }));
    expect(bytes.toString('latin1', 0, 10)).toBe('SOTTOCODES');
    expect([...bytes.subarray(10, 24)]).toEqual([1, 1, 0x80, 0x3e, 0, 0, 0xe8, 3, 0, 0, 0, 0, 0, 0]);
    expect(bytes.toString('hex', 24, 56)).toBe(codebooks[0]);
    // 511, 0, 0 and 256 in 9 bits each.
    expect([...bytes.subarray(56, -hashBytes)]).toEqual([0xff, 0x80, 0, 0x10, 0]);
    expect(bytes.subarray(-hashBytes)).toEqual(checksumOf(bytes.subarray(0, -hashBytes)));
  });

  it('are refused when a single bit differs anywhere', () => {
    fc.assert(
      fc.property(anyCodes, fc.nat(), fc.integer({ min: 0, max: 7 }), (content, place, bit) => {
        const bytes = Uint8Array.from(writeCodes(content));
        bytes[place % bytes.length]! ^= 1 << bit;
        expect(refusal(bytes)).toMatch(/^(INPUT_UNSUPPORTED|INPUT_DAMAGED) Expected /);
      }),
    );
  });

  it('are refused when they are cut off anywhere, and when something follows', () => {
    const bytes = writeCodes(example);
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(bytes.subarray(0, length))).toMatch(/^INPUT_DAMAGED .*cut off/);
    }
    expect(refusal(Buffer.concat([bytes, Buffer.from('note')]))).toMatch(/^INPUT_DAMAGED .*was added/);
  });

  it('are read in any part of a larger buffer', () => {
    const bytes = writeCodes(example);
    const larger = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]);
    expect(readCodes(larger.subarray(6, 6 + bytes.length))).toEqual(example);
  });

  it('are told from other files and later versions', () => {
    expect(refusal(Buffer.from('RIFF....WAVEfmt '))).toMatch(/^INPUT_UNSUPPORTED .*another kind of file/);
    expect(refusal(resealed(writeCodes(example), 10, 2))).toMatch(/^INPUT_UNSUPPORTED .*found version 2/);
  });

  it.each([
    ['version 0', 10, 0],
    ['no codebook', 11, 0],
    ['three codebooks', 11, 3],
    ['a rate of 67 MHz', 15, 4],
    ['more sample frames than can be counted', 23, 255],
  ])('are refused with %s, whatever the checksum says', (_what, at, value) => {
    expect(refusal(resealed(writeCodes(example), at, value))).toMatch(/^INPUT_DAMAGED .*makes sense/);
  });

  it('have no room for anything after the last code', () => {
    const bytes = writeCodes({ ...example, tracks: example.tracks.slice(0, 1) });
    const last = bytes.length - hashBytes - 1;
    expect(refusal(resealed(bytes, last, bytes[last]! | 1))).toMatch(/^INPUT_DAMAGED .*after the last code/);
  });

  it.each<[string, Partial<CodesFile>]>([
    ['no length', { sampleFrames: 0 }],
    ['half a sample frame', { sampleFrames: 0.5 }],
    ['a rate below the lowest', { sampleRateHz: 7999 }],
    ['another length than its codes', { sampleFrames: 100_000 }],
    ['no codes', { tracks: [] }],
    ['three codebooks', { tracks: [...example.tracks, ...example.tracks.slice(0, 1)] }],
    [
      'a codebook without a checksum',
      { tracks: [{ ...example.tracks[0]!, codebookSha256: 'A'.repeat(64) }] },
    ],
  ])('are not written with %s', (_what, part) => {
    expect(() => writeCodes({ ...example, ...part })).toThrow(RangeError);
  });
});
