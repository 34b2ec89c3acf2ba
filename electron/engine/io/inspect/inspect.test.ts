import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inspectionSchema, type Inspection } from '../../../contract/inspection.js';
import { atom, chunk, ffmpeg, wavFile } from '../reading/recordings.fake.js';
import { inspect } from './inspect.js';
import {
  flacPicture,
  id3v2Tag,
  photograph,
  plainSound,
  secretWav,
  vorbisComment,
} from './planted-secrets.fake.js';

// Every step starts a program; on a busy machine one start alone can take a second.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let folder = '';
let source = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-inspect-'));
  source = join(folder, 'source.wav');
  await writeFile(source, wavFile(plainSound));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function write(name: string, content: Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** Encodes the source; the default rate suits every codec. */
async function encode(name: string, encoder: readonly string[]): Promise<Buffer> {
  const path = join(folder, `plain-${name}`);
  await ffmpeg(['-i', source, '-ar', '48000', ...encoder, path]);
  return readFile(path);
}

/** Asserts that each secret is found at its place with its kind. */
function expectSecrets(
  inspection: Inspection,
  secrets: readonly (readonly [string, string, string])[],
): void {
  expect(inspectionSchema.safeParse(inspection).success).toBe(true);
  expect(inspection.error).toBeUndefined();
  expect(inspection.facts?.sampleRateHz).toBeGreaterThan(0);
  for (const [where, kind, value] of secrets) {
    const places = inspection.leaks.filter((leak) => leak.where === where);
    expect(
      places.map((leak) => leak.value).join('\n'),
      `${where} in ${JSON.stringify(inspection.leaks, null, 1)}`,
    ).toContain(value);
    expect(
      places.map((leak) => leak.kind),
      where,
    ).toContain(kind);
  }
}

const commonTags = [
  '-metadata',
  'title=Interview with Ann',
  '-metadata',
  'artist=Ann Other',
  '-metadata',
  'date=2024-05-06',
];

describe('inspect', () => {
  it('tells facts and secrets of a WAV file, its name and its time', async () => {
    const path = await write('Interview Ann Other.wav', secretWav());
    await utimes(path, new Date('2024-05-06T07:08:09Z'), new Date('2024-05-06T07:08:09Z'));
    const inspection = await inspect(path);
    expect(inspection.facts).toMatchObject({
      container: 'wav',
      codec: 'pcm_s16le',
      declaredSampleFrames: 8000,
    });
    expectSecrets(inspection, [
      ['file.name', 'text', 'Interview Ann Other.wav'],
      ['file.modified', 'time', '2024-05-06T07:08:09.000Z'],
      ['bext.originatorReference', 'device', 'US-SERIAL-0042'],
    ]);
    expect(inspection.warnings.map(({ code }) => code)).toEqual(['TRAILING_DATA']);
  });

  it('tells nothing but name and time of a file of sound alone', async () => {
    expect((await inspect(source)).leaks.map((leak) => leak.where)).toEqual(['file.name', 'file.modified']);
  });

  it('reads every block of FLAC', async () => {
    const flac = await encode('x.flac', ['-c:a', 'flac']);
    const block = (type: number, data: Buffer): Buffer => {
      const head = Buffer.alloc(4);
      head.writeUInt32BE(type * 2 ** 24 + data.length);
      return Buffer.concat([head, data]);
    };
    const cueSheet = Buffer.alloc(396 + 36 + 12 + 36);
    cueSheet.write('CATALOG-0815');
    cueSheet.writeUInt8(2, 395); // a track with one index point, and the lead-out
    cueSheet.writeUInt8(1, 396 + 8);
    cueSheet.write('DEABC2400001', 396 + 9);
    cueSheet.writeUInt8(1, 396 + 35);
    cueSheet.writeUInt8(170, 396 + 36 + 12 + 8);
    const planted = [
      block(4, vorbisComment('VENDOR-WORD', ['ARTIST=Ann Other', 'LOCATION=Berlin', 'SERIAL=4711'])),
      block(6, flacPicture()),
      block(2, Buffer.from('riffAPPLICATION-SECRET')),
      block(5, cueSheet),
      block(1, Buffer.concat([Buffer.alloc(2000), Buffer.from('PADDING-SECRET')])),
      block(99, Buffer.from('UNKNOWN-BLOCK')),
    ];
    const id3 = id3v2Tag([['TPE1', 'ID3 Ann']]);
    const file = Buffer.concat([id3, flac.subarray(0, 42), ...planted, flac.subarray(42)]);
    expectSecrets(await inspect(await write('x.flac', file)), [
      ['vorbis.vendor', 'technical', 'VENDOR-WORD'],
      ['vorbis.ARTIST', 'person', 'Ann Other'],
      ['vorbis.LOCATION', 'place', 'Berlin'],
      ['vorbis.SERIAL', 'device', '4711'],
      ['flac.PICTURE', 'picture', 'image/jpeg'],
      ['flac.PICTURE.exif', 'place', 'EXIF'],
      ['flac.PICTURE.description', 'text', 'PICTURE-TEXT'],
      ['flac.APPLICATION.riff', 'text', 'APPLICATION-SECRET'],
      ['flac.CUESHEET.catalog', 'text', 'CATALOG-0815'],
      ['flac.CUESHEET.isrc', 'text', 'DEABC2400001'],
      ['flac.PADDING', 'text', 'PADDING-SECRET'],
      ['flac.block99', 'text', 'UNKNOWN-BLOCK'],
      ['id3v2.TPE1', 'person', 'ID3 Ann'],
    ]);
  });

  it('reads ID3v2, ID3v1, APEv2 and the encoder of MP3', async () => {
    const mp3 = await encode('x.mp3', ['-c:a', 'libmp3lame', '-id3v2_version', '0', '-write_id3v1', '0']);
    const picture = Buffer.concat([Buffer.from('\0image/jpeg\0\x03APIC-TEXT\0', 'latin1'), photograph]);
    const id3 = id3v2Tag([
      ['TPE1', 'Ann Other'],
      ['TIT2', 'Interview'],
      ['TXXX', 'gps\0N52 E13'],
      ['COMM', Buffer.from('\0engnote\0COMMENT-SECRET', 'latin1')],
      ['PRIV', Buffer.from('com.example.owner\0secret', 'latin1')],
      ['POPM', Buffer.from('ann@example.org\0\xff\0\0\0\x01', 'latin1')],
      ['GEOB', Buffer.from('\0application/x-c2pa-manifest-store\0c2pa.bin\0\0JUMBF', 'latin1')],
      ['APIC', picture],
      ['ZZZZ', Buffer.from('unlisted frame')],
    ]);
    const ape = Buffer.from('Artist\0APE-ARTIST', 'latin1');
    const item = Buffer.concat([Buffer.from([10, 0, 0, 0, 0, 0, 0, 0]), ape]);
    const footer = Buffer.alloc(32);
    footer.write('APETAGEX');
    footer.writeUInt32LE(2000, 8);
    footer.writeUInt32LE(item.length + 32, 12);
    footer.writeUInt32LE(1, 16);
    const id3v1 = Buffer.alloc(128);
    id3v1.write('TAGV1-TITLE');
    id3v1.write('V1-ARTIST', 33);
    const file = Buffer.concat([id3, mp3, item, footer, id3v1]);
    expectSecrets(await inspect(await write('x.mp3', file)), [
      ['id3v2.TPE1', 'person', 'Ann Other'],
      ['id3v2.TIT2', 'text', 'Interview'],
      ['id3v2.TXXX.gps', 'place', 'N52 E13'],
      ['id3v2.COMM', 'text', 'COMMENT-SECRET'],
      ['id3v2.PRIV', 'text', 'com.example.owner'],
      ['id3v2.POPM', 'person', 'ann@example.org'],
      ['id3v2.GEOB', 'person', 'c2pa'],
      ['id3v2.APIC', 'picture', 'image/jpeg'],
      ['id3v2.APIC.exif', 'place', 'EXIF'],
      ['id3v2.APIC.description', 'text', 'APIC-TEXT'],
      ['id3v2.ZZZZ', 'text', '14 bytes'],
      ['ape.Artist', 'person', 'APE-ARTIST'],
      ['id3v1.title', 'text', 'V1-TITLE'],
      ['id3v1.artist', 'person', 'V1-ARTIST'],
      ['mp3.Info.encoder', 'technical', 'La'],
    ]);
  });

  it('reads user data, keys, iTunes entries, times and a transcript of M4A', async () => {
    const m4a = await encode('x.m4a', ['-c:a', 'aac', '-map_metadata', '-1', '-fflags', '+bitexact']);
    const text = (id: string, value: string): Buffer => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(value.length);
      return atom(id, length, '\x15\xc7', value);
    };
    const data = (type: number, value: Buffer | string): Buffer =>
      atom('data', Buffer.of(0, 0, 0, type, 0, 0, 0, 0), value);
    const handler = atom('hdlr', Buffer.alloc(8), 'mdta', Buffer.alloc(13));
    const key = 'com.apple.quicktime.location.ISO6709';
    const keys = atom('keys', Buffer.of(0, 0, 0, 0, 0, 0, 0, 1), atom('mdta', key));
    const keyed = atom(
      'meta',
      handler,
      keys,
      atom('ilst', atom('\0\0\0\x01', data(1, '+52.5000+013.4000/'))),
    );
    const iTunes = atom(
      'meta',
      Buffer.alloc(4),
      atom('hdlr', Buffer.alloc(8), 'mdir', Buffer.alloc(13)),
      atom(
        'ilst',
        atom('\xa9nam', data(1, 'Interview')),
        atom('covr', data(13, photograph)),
        atom(
          '----',
          atom('mean', '\0\0\0\0com.apple.VoiceMemos'),
          atom('name', '\0\0\0\0voice-memo-uuid'),
          data(1, 'MEMO-UUID'),
        ),
      ),
      atom('free', 'META-FREE-SECRET'),
    );
    const userData = atom(
      'udta',
      text('\xa9xyz', '+52.5000+013.4000/'),
      text('\xa9mak', 'Apple'),
      atom('tsrp', '{"attributedString":{"runs":["hello",0,"this is Ann",1]},"locale":"en"}'),
      iTunes,
    );
    const movie = Buffer.concat([m4a.subarray(m4a.indexOf('moov') - 4)]);
    const before = m4a.subarray(0, m4a.indexOf('moov') - 4);
    const size = movie.readUInt32BE(0);
    const grown = Buffer.concat([movie.subarray(0, size), userData, keyed]);
    grown.writeUInt32BE(grown.length, 0);
    const header = grown.indexOf('mvhd');
    grown.writeUInt32BE(2_082_844_800 + 1_000_000_000, header + 8);
    const c2pa = atom('uuid', Buffer.from('d8fec3d61b0e483c92975828877ec481', 'hex'), 'C2PA-SIGNER');
    const xmp = atom(
      'uuid',
      Buffer.from('be7acfcb97a942e89c71999491e3afac', 'hex'),
      '<x><dc:creator>XMP Ann</dc:creator></x>',
    );
    const file = Buffer.concat([
      before,
      grown,
      c2pa,
      xmp,
      atom('free', 'FREE-SECRET'),
      atom('vndr', 'VENDOR-SECRET'),
    ]);
    expectSecrets(await inspect(await write('x.m4a', file)), [
      ['udta.©xyz', 'place', '+52.5000+013.4000/'],
      ['udta.©mak', 'device', 'Apple'],
      ['udta.tsrp', 'text', 'this is Ann'],
      [`keys.${key}`, 'place', '+52.5000+013.4000/'],
      ['ilst.©nam', 'text', 'Interview'],
      ['ilst.covr', 'picture', 'image/jpeg'],
      ['ilst.covr.exif', 'place', 'EXIF'],
      ['ilst.com.apple.VoiceMemos.voice-memo-uuid', 'text', 'MEMO-UUID'],
      ['meta.free', 'text', 'META-FREE-SECRET'],
      ['moov.mvhd.created', 'time', '2001-09-09'],
      ['mp4.uuid.c2pa', 'person', 'bytes'],
      ['xmp.dc:creator', 'person', 'XMP Ann'],
      ['mp4.free', 'text', 'FREE-SECRET'],
      ['mp4.vndr', 'text', 'VENDOR-SECRET'],
    ]);
  });

  it('reads what ffmpeg writes into MOV', async () => {
    const path = join(folder, 'x.mov');
    const tags = [
      ...commonTags,
      '-metadata',
      'location=+52.5+013.4/',
      '-metadata',
      'creation_time=2024-05-06T07:08:09Z',
    ];
    await ffmpeg(['-i', source, '-c:a', 'pcm_s16le', ...tags, path]);
    expectSecrets(await inspect(path), [
      ['udta.©nam', 'text', 'Interview with Ann'],
      ['udta.©xyz', 'place', '+52.5+013.4/'],
      ['moov.mvhd.created', 'time', '2024-05-06T07:08:09'],
      ['trak.mdhd.created', 'time', '2024-05-06T07:08:09'],
    ]);
  });

  it('reads every chunk of AIFF', async () => {
    const aiff = await encode('x.aiff', ['-c:a', 'pcm_s16be']);
    const big = (id: string, data: Buffer | string): Buffer => chunk(id, data, false);
    const comment = Buffer.alloc(10);
    comment.writeUInt16BE(1, 0);
    comment.writeUInt32BE(2_082_844_800 + 1_000_000_000, 2);
    comment.writeUInt16BE(14, 8);
    const file = Buffer.concat([
      aiff,
      big('NAME', 'AIFF-NAME'),
      big('AUTH', 'AIFF-AUTHOR'),
      big('(c) ', 'AIFF-OWNER'),
      big('ANNO', 'AIFF-NOTE'),
      big('COMT', Buffer.concat([comment, Buffer.from('COMMENT-SECRET')])),
      big('MARK', Buffer.from('\0\x01\0\x01\0\0\0\0\x0bMARK-SECRET', 'latin1')),
      big('ID3 ', id3v2Tag([['TPE1', 'Ann Other']])),
      big('APPL', 'stocAPPL-SECRET'),
      big('vndr', 'VENDOR-SECRET'),
    ]);
    file.writeUInt32BE(file.length - 8, 4);
    expectSecrets(await inspect(await write('x.aiff', file)), [
      ['aiff.NAME', 'text', 'AIFF-NAME'],
      ['aiff.AUTH', 'person', 'AIFF-AUTHOR'],
      ['aiff.(c)', 'person', 'AIFF-OWNER'],
      ['aiff.ANNO', 'text', 'AIFF-NOTE'],
      ['aiff.COMT', 'text', 'COMMENT-SECRET'],
      ['aiff.COMT.time', 'time', '2001-09-09'],
      ['aiff.MARK', 'text', 'MARK-SECRET'],
      ['id3v2.TPE1', 'person', 'Ann Other'],
      ['aiff.APPL.stoc', 'text', 'APPL-SECRET'],
      ['aiff.vndr', 'text', 'VENDOR-SECRET'],
    ]);
  });

  for (const [name, encoder] of [
    ['x.ogg', ['-c:a', 'libvorbis']],
    ['x.opus', ['-c:a', 'libopus']],
    ['flac.ogg', ['-c:a', 'flac']],
    ['x.spx', ['-c:a', 'libspeex', '-ar', '16000']],
  ] as const) {
    it(`reads the comments and the picture of ${name}, also of a second stream behind the first`, async () => {
      const picture = `metadata_block_picture=${flacPicture().toString('base64')}`;
      const first = await encode(name, [
        ...encoder,
        ...commonTags,
        '-metadata',
        picture,
        '-metadata',
        `note=${'n'.repeat(70_000)}`,
      ]);
      const second = await encode(name, [...encoder, '-metadata', 'artist=Second Speaker']);
      const inspection = await inspect(await write(name, Buffer.concat([first, second])));
      expectSecrets(inspection, [
        ['vorbis.TITLE', 'text', 'Interview with Ann'],
        ['vorbis.ARTIST', 'person', 'Ann Other'],
        ['vorbis.ARTIST', 'person', 'Second Speaker'],
        ['vorbis.DATE', 'time', '2024-05-06'],
        ['vorbis.METADATA_BLOCK_PICTURE', 'picture', 'image/jpeg'],
        ['vorbis.METADATA_BLOCK_PICTURE.exif', 'place', 'EXIF'],
        ['vorbis.NOTE', 'text', 'nnnn'],
      ]);
    });
  }

  it('reads the tags of Matroska, WebM and CAF', async () => {
    const matroska = [
      ['x.mkv', 'matroska', ['-c:a', 'flac']],
      ['x.webm', 'matroska', ['-c:a', 'libopus']],
    ] as const;
    for (const [name, prefix, encoder] of matroska) {
      const path = join(folder, name);
      const tags = [...commonTags, '-metadata', 'LOCATION=Berlin', '-metadata:s:a:0', 'title=Lavalier Ann'];
      await ffmpeg([
        '-i',
        source,
        '-ar',
        '48000',
        ...encoder,
        ...tags,
        '-metadata',
        'creation_time=2024-05-06T07:08:09Z',
        path,
      ]);
      const inspection = await inspect(path);
      const found = inspection.leaks
        .map((leak) => `${leak.where.toLowerCase()} ${leak.kind} ${leak.value}`)
        .join('\n');
      for (const secret of [
        `${prefix}.title text Interview with Ann`,
        `${prefix}.artist person Ann Other`,
        `${prefix}.location place Berlin`,
        `${prefix}.creation_time time 2024-05-06T07:08:09`,
        `${prefix}.stream0.title text Lavalier Ann`,
      ]) {
        expect(found, name).toContain(secret);
      }
    }
    const caf = join(folder, 'x.caf');
    await ffmpeg(['-i', source, '-c:a', 'pcm_s16be', ...commonTags, caf]);
    expect((await inspect(caf)).leaks.map((leak) => leak.value)).toContain('Ann Other');
  });

  it('reads names, unique numbers, attached files and padding of Matroska', async () => {
    const letter = await write('letter.jpg', photograph);
    const path = join(folder, 'attached.mkv');
    const date = ['-metadata', 'creation_time=2024-05-06T07:08:09Z'];
    const attachment = ['-attach', letter, '-metadata:s:t', 'mimetype=image/jpeg'];
    await ffmpeg(['-i', source, '-c:a', 'flac', ...date, ...attachment, path]);
    const padding = Buffer.concat([Buffer.of(0xec, 0x8e), Buffer.from('PADDING-SECRET')]);
    const found = await inspect(await write('padded.mkv', Buffer.concat([await readFile(path), padding])));
    expectSecrets(found, [
      ['matroska.attachment', 'text', 'letter.jpg'],
      ['matroska.attachment.picture', 'picture', 'image/jpeg'],
      ['matroska.attachment.picture.exif', 'place', 'EXIF'],
      ['matroska.date', 'time', '2024-05-06T07:08:09'],
      ['matroska.writingApp', 'technical', 'Lavf'],
      ['matroska.void', 'text', 'PADDING-SECRET'],
    ]);
    expect(found.leaks.find((leak) => leak.where === 'matroska.segmentUid')?.value).toMatch(/^[0-9a-f]{32}$/);
  });

  it('lists what else it finds, and says so, when the tags of Matroska are too large to be read', async () => {
    const texts = await write(
      'tags.txt',
      Buffer.from(`;FFMETADATA1\nartist=Anna Example\ncomment=${'x'.repeat(9e6)}\n`),
    );
    const path = join(folder, 'large-tags.mka');
    await ffmpeg(['-i', source, '-i', texts, '-map_metadata', '1', '-c:a', 'flac', path]);
    const inspection = await inspect(path);
    expect(inspection.error).toMatchObject({ code: 'TOOL_FAILED' });
    expect(inspection.facts?.sampleRateHz).toBeGreaterThan(0);
    const places = inspection.leaks.map((leak) => leak.where);
    expect(places).toEqual(
      expect.arrayContaining(['matroska.segmentUid', 'matroska.writingApp', 'file.name', 'file.modified']),
    );
  });

  it('answers for what is no recording, with the reason and whatever can be said', async () => {
    const text = await write('letter.wav', Buffer.from('Dear Ann,\n'));
    expect(await inspect(text)).toMatchObject({
      input: text,
      facts: null,
      error: { code: 'INPUT_NOT_AUDIO' },
      leaks: [{ where: 'file.name', value: 'letter.wav' }, { where: 'file.modified' }],
    });
    expect(await inspect(join(folder, 'gone.wav'))).toMatchObject({
      error: { code: 'INPUT_NOT_FOUND' },
      leaks: [],
    });
  });

  it('ends with CANCELLED when asked to', async () => {
    await expect(inspect(source, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
