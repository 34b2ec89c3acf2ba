import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMp3FrameHeader } from './mp3/mp3-frame.js';
import { infoFramePlace, mp3InfoFrame, Mp3SeekPoints, paddingOf } from './mp3/mp3-info-frame.js';
import { mp3Crc16 } from './mp3/mp3-crc.js';
import { decodeOggPage, encodeOggPage, oggFlags, type OggPage } from './ogg/ogg-page.js';
import { extensionOf, type ConcreteFormat } from './output-format.js';
import { proveFile } from './output-proof.js';
import { bytesOf, tones, writeAll } from './written-file.fake.js';

const formats = ['wav8', 'wav16', 'wav24', 'flac16', 'flac24', 'mp3', 'opus'] as const;
const clean = new Map<ConcreteFormat, Buffer>();
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-proof-'));
  for (const format of formats) {
    const path = join(folder, `${format}.${extensionOf(format)}`);
    // An odd count, mono at 8 bits: with a pad byte. Two seconds: several FLAC and MP3 frames and Opus pages.
    const channels = format === 'wav8' ? 1 : 2;
    const frames = format.startsWith('wav') ? 1001 : 96_001;
    await writeAll(
      { path, format, stream: { sampleRateHz: 48000, channels } },
      tones(48000, channels, frames),
      9999,
    );
    clean.set(format, bytesOf(path));
  }
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function fileOf(format: ConcreteFormat): Buffer {
  return Buffer.from(clean.get(format)!);
}

async function proven(bytes: Buffer, format: ConcreteFormat): ReturnType<typeof proveFile> {
  const path = join(folder, 'changed');
  writeFileSync(path, bytes);
  return proveFile(path, format);
}

/** @returns the error's details, after checking that it is the right one */
async function refused(bytes: Buffer, format: ConcreteFormat): Promise<{ offset: number; found: string }> {
  const error: unknown = await proven(bytes, format).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'OUTPUT_NOT_CLEAN' });
  return (error as { details: { offset: number; found: string } }).details;
}

function inserted(bytes: Buffer, at: number, extra: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), extra, bytes.subarray(at)]);
}

function riffChunk(id: string, body: string): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, Buffer.from(body, 'latin1')]);
}

describe('proveFile', () => {
  it.each(formats)('accounts for every byte of a %s file and hashes it', async (format) => {
    const bytes = fileOf(format);
    const { proof, sha256, facts } = await proven(bytes, format);
    expect(proof.clean).toBe(true);
    expect(proof.sizeBytes).toBe(bytes.length);
    expect(proof.parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(bytes.length);
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(facts.sampleRateHz).toBe(48000);
  });

  it.each(formats)('refuses a %s file cut off anywhere', async (format) => {
    const bytes = fileOf(format);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
        await refused(bytes.subarray(0, length), format);
      }),
      { numRuns: 30 },
    );
  });

  it.each(formats)('refuses a %s file with bytes put in anywhere', async (format) => {
    const bytes = fileOf(format);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: bytes.length }),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        async (at, extra) => {
          await refused(inserted(bytes, at, Buffer.from(extra)), format);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each(formats)(
    'refuses a %s file with a changed byte (WAV: anywhere but in the samples)',
    async (format) => {
      const bytes = fileOf(format);
      const max = format.startsWith('wav') ? 43 : bytes.length - 1;
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max }),
          fc.integer({ min: 1, max: 255 }),
          async (at, change) => {
            // One sample more in place of the pad byte is another clean file; the writer compares the count.
            if (format === 'wav8' && at === 40 && change === (1001 ^ 1002)) return;
            // The MD5 of the samples, which only a decoder can compare.
            if (format.startsWith('flac') && at >= 26 && at < 42) return;
            const changed = Buffer.from(bytes);
            changed[at]! ^= change;
            await refused(changed, format);
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  it.each(formats)('refuses a %s file with foreign tags before and after it', async (format) => {
    const bytes = fileOf(format);
    const id3v2 = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\x0a', 'latin1'), Buffer.alloc(10)]);
    const id3v1 = Buffer.concat([Buffer.from('TAGAnna', 'latin1'), Buffer.alloc(121)]);
    const ape = Buffer.concat([Buffer.from('APETAGEX', 'latin1'), Buffer.alloc(24)]);
    for (const tag of [id3v2, id3v1, ape]) {
      expect((await refused(inserted(bytes, 0, tag), format)).offset).toBe(0);
      await refused(Buffer.concat([bytes, tag]), format);
    }
  });

  it('stops when cancelled', async () => {
    const path = join(folder, 'long');
    writeFileSync(path, Buffer.concat([fileOf('wav16'), Buffer.alloc(3 << 20)]));
    await expect(proveFile(path, 'wav16', AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('proveFile, WAV', () => {
  it.each([
    ['before fmt', 12],
    ['between fmt and data', 36],
    ['after the samples', 44 + 4004],
  ])('names a chunk planted %s, with sizes set right', async (_, at) => {
    for (const id of ['LIST', 'bext', 'iXML', 'JUNK', 'fact', 'id3 ', 'PEAK']) {
      const bytes = inserted(fileOf('wav16'), at, riffChunk(id, 'Anna'));
      bytes.writeUInt32LE(bytes.length - 8, 4);
      const { offset, found } = await refused(bytes, 'wav16');
      expect(offset).toBe(at);
      expect(found).toContain(`"${id}"`);
    }
  });

  it('refuses a pad byte that is not zero, a longer fmt, and another format than was written', async () => {
    const odd = fileOf('wav8');
    odd[odd.length - 1] = 65;
    expect((await refused(odd, 'wav8')).found).toContain('pad byte of 65');
    const longer = inserted(fileOf('wav16'), 36, Buffer.from('Anna'));
    longer.writeUInt32LE(20, 16);
    longer.writeUInt32LE(longer.length - 8, 4);
    await refused(longer, 'wav16');
    await refused(fileOf('wav16'), 'wav24');
  });
});

describe('proveFile, FLAC', () => {
  it.each([
    [1, 'PADDING'],
    [2, 'APPLICATION'],
    [3, 'SEEKTABLE'],
    [4, 'VORBIS_COMMENT'],
    [6, 'PICTURE'],
  ])('names a metadata block of type %i (%s), before and after STREAMINFO', async (type) => {
    const block = Buffer.concat([Buffer.from([type, 0, 0, 4]), Buffer.from('Anna')]);
    const before = inserted(fileOf('flac16'), 4, block);
    expect(await refused(before, 'flac16')).toMatchObject({
      offset: 4,
      found: `a metadata block of type ${type}`,
    });
    const after = inserted(fileOf('flac16'), 42, block);
    after[4] = 0; // STREAMINFO is no longer the last block
    after[42]! |= 0x80;
    expect((await refused(after, 'flac16')).found).toContain('not the last metadata block');
  });

  it('refuses another depth than was written', async () => {
    await refused(fileOf('flac16'), 'flac24');
  });
});

/** Makes the Info frame right again for changed audio frames: what a careful forger would do. */
function withNewInfo(audio: Buffer, original: Buffer): Buffer {
  const { frameBytes, tagAt } = infoFramePlace(48000, 2);
  const points = new Mp3SeekPoints();
  let frames = 0;
  for (let at = 0; at < audio.length; at += parseMp3FrameHeader(audio, at)!.frameBytes) {
    points.push(frameBytes + at);
    frames++;
  }
  const info = mp3InfoFrame({
    sampleRateHz: 48000,
    channels: 2,
    frames,
    audioBytes: audio.length,
    audioCrc: mp3Crc16(0, audio),
    seekTable: points.table(frameBytes + audio.length),
    paddingSamples: paddingOf(original, tagAt),
  });
  return Buffer.concat([info, audio]);
}

describe('proveFile, MP3', () => {
  it('refuses text where the encoder fills up, with all checksums set right', async () => {
    const bytes = fileOf('mp3');
    const { frameBytes } = infoFramePlace(48000, 2);
    const audio = bytes.subarray(frameBytes);
    expect(withNewInfo(audio, bytes).equals(bytes)).toBe(true);
    // The last frame's end holds no sound.
    const at = bytes.length - 20;
    const changed = withNewInfo(
      Buffer.concat([audio.subarray(0, -20), Buffer.from('Anna'), audio.subarray(-16)]),
      bytes,
    );
    expect(changed.toString('latin1', at, at + 4)).toBe('Anna');
    expect((await refused(changed, 'mp3')).found).toContain('foreign bits');
  });

  it('refuses text as a private bit in a header or in side information, with all checksums set right', async () => {
    const bytes = fileOf('mp3');
    const { frameBytes } = infoFramePlace(48000, 2);
    for (const [offset, bit, found] of [
      [2, 0x01, 'private'],
      [3, 0x08, 'copyright'],
      [5, 0x20, 'private bits in frame'],
    ] as const) {
      const audio = Buffer.from(bytes.subarray(frameBytes));
      const second = parseMp3FrameHeader(audio, 0)!.frameBytes;
      audio[second + offset]! |= bit;
      expect((await refused(withNewInfo(audio, bytes), 'mp3')).found).toContain(found);
    }
  });

  it('refuses words in the Info frame', async () => {
    const bytes = fileOf('mp3');
    const { tagAt } = infoFramePlace(48000, 2);
    bytes.write('LAMEAnna!', tagAt + 116, 'latin1');
    expect((await refused(bytes, 'mp3')).offset).toBe(tagAt + 116 + 4);
  });

  it('refuses an ID3 tag between two frames', async () => {
    const bytes = fileOf('mp3');
    const { frameBytes } = infoFramePlace(48000, 2);
    const { offset, found } = await refused(inserted(bytes, frameBytes, Buffer.from('TAGAnna')), 'mp3');
    expect(offset).toBe(frameBytes);
    expect(found).toContain('"TAGA"');
  });
});

function pagesOf(bytes: Buffer): OggPage[] {
  const pages: OggPage[] = [];
  for (let at = 0; at < bytes.length;) {
    const decoded = decodeOggPage(bytes.subarray(at));
    if (decoded === null || typeof decoded === 'string') throw new Error('no page');
    pages.push(decoded.page);
    at += decoded.pageBytes;
  }
  return pages;
}

function oggFile(pages: readonly OggPage[]): Buffer {
  return Buffer.concat(pages.map(encodeOggPage));
}

describe('proveFile, Opus', () => {
  it('refuses a comment or a vendor, with all checksums set right', async () => {
    for (const [vendor, comments] of [
      ['', ['ARTIST=Anna']],
      ['libopus 1.3', []],
    ] as const) {
      const pages = pagesOf(fileOf('opus'));
      expect(oggFile(pages).equals(fileOf('opus'))).toBe(true);
      const field = (text: string): Buffer => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return Buffer.concat([length, Buffer.from(text)]);
      };
      const count = Buffer.alloc(4);
      count.writeUInt32LE(comments.length);
      const tags = Buffer.concat([Buffer.from('OpusTags'), field(vendor), count, ...comments.map(field)]);
      pages[1] = { ...pages[1]!, pieces: [tags] };
      expect((await refused(oggFile(pages), 'opus')).found).toContain('OpusTags');
    }
  });

  it('refuses a second stream, another serial number, a gap, and wrong positions', async () => {
    const pages = pagesOf(fileOf('opus'));
    const last = pages.length - 1;
    const forged: [OggPage[], RegExp][] = [
      [[...pages, { ...pages[last]!, serial: 7, sequence: 0 }], /after the last part/],
      [[pages[0]!, { ...pages[1]!, serial: 7 }, ...pages.slice(1)], /another stream/],
      [pages.map((page) => ({ ...page, serial: 99 })), /another stream/],
      [pages.filter((_, index) => index !== 2), /page 3 where 2/],
      [pages.map((page, i) => (i === 2 ? { ...page, granule: page.granule + 1 } : page)), /position/],
      [pages.map((page, i) => (i === 2 ? { ...page, flags: oggFlags.continued } : page)), /flags/],
      [pages.map((page, i) => (i === last ? { ...page, flags: 0 } : page)), /flags/],
    ];
    for (const [some, found] of forged) expect((await refused(oggFile(some), 'opus')).found).toMatch(found);
  });

  it('refuses text in the padding of a packet, and in OpusHead, with all checksums set right', async () => {
    const pages = pagesOf(fileOf('opus'));
    const [packet, ...others] = pages[2]!.pieces;
    // The same one frame as code 3 (any number of frames) with four bytes of padding.
    const padded = Buffer.concat([
      Buffer.from([packet![0]! | 3, 0x41, 4]),
      packet!.subarray(1),
      Buffer.from('Anna'),
    ]);
    const withPadding = pages.map((page, i) => (i === 2 ? { ...page, pieces: [padded, ...others] } : page));
    expect((await refused(oggFile(withPadding), 'opus')).found).toContain('padding');
    padded.fill(0, padded.length - 4);
    await expect(proven(oggFile(withPadding), 'opus')).resolves.toMatchObject({ proof: { clean: true } });

    const head = Buffer.concat([pages[0]!.pieces[0]!, Buffer.from('Anna')]);
    const longHead = pages.map((page, i) => (i === 0 ? { ...page, pieces: [head] } : page));
    expect((await refused(oggFile(longHead), 'opus')).found).toContain('OpusHead');
  });
});
