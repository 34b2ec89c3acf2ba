import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openReader } from './open-reader.js';
import { atom, ffmpeg, writeNoise } from './recordings.fake.js';

// Every step starts a program; on a busy machine one start alone can take a second.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const sampleRateHz = 48000;
const frames = 144_321; // no multiple of any codec's packet
let folder = '';
let source: Int32Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-lossy-'));
  source = await writeNoise(join(folder, 'source.wav'), {
    seconds: frames / sampleRateHz,
    channels: 2,
    sampleRateHz,
  });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function encodeAndRead(
  name: string,
  encoder: readonly string[],
): Promise<{ left: Float32Array; codes: string[] }> {
  const path = join(folder, name);
  await ffmpeg(['-i', join(folder, 'source.wav'), ...encoder, `file:${path}`]);
  return readLeft(path);
}

/** Reads a stereo file's first channel. */
async function readLeft(path: string): Promise<{ left: Float32Array; codes: string[] }> {
  const reader = await openReader(path, { precision: 'float32' });
  const parts: Float32Array[] = [];
  for await (const [left] of reader.blocks(9999)) if (left !== undefined) parts.push(left);
  const left = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    left.set(part, at);
    at += part.length;
  }
  return { left, codes: reader.findings.map((finding) => finding.code) };
}

/** @returns by how many samples `decoded` comes later than the source, where their correlation is largest, and that correlation */
function lagOf(decoded: Float32Array): { lag: number; correlation: number } {
  const start = 50_000;
  const length = 20_000;
  let best = { lag: Number.NaN, correlation: -1 };
  for (let lag = -3000; lag <= 3000; lag++) {
    let cross = 0;
    let a = 0;
    let b = 0;
    for (let n = start; n < start + length; n += 3) {
      const original = (source[n * 2] as number) / 32768;
      const value = decoded[n + lag] ?? 0;
      cross += original * value;
      a += original * original;
      b += value * value;
    }
    const correlation = cross / Math.sqrt(a * b);
    if (correlation > best.correlation) best = { lag, correlation };
  }
  return best;
}

describe('lossy recordings have the exact length and stand at the exact place', () => {
  const lossy: [name: string, encoder: string[]][] = [
    ['lame.mp3', ['-c:a', 'libmp3lame', '-b:a', '192k']],
    ['variable.mp3', ['-c:a', 'libmp3lame', '-q:a', '2']],
    [
      'tagged.mp3',
      ['-c:a', 'libmp3lame', '-metadata', 'title=a title', '-id3v2_version', '3', '-write_id3v1', '1'],
    ],
    ['aac.m4a', ['-c:a', 'aac', '-b:a', '192k']],
    ['faststart.mp4', ['-c:a', 'aac', '-b:a', '192k', '-movflags', '+faststart']],
    ['aac.mov', ['-c:a', 'aac', '-b:a', '192k']],
    ['vorbis.ogg', ['-c:a', 'libvorbis', '-q:a', '5']],
    ['opus.opus', ['-c:a', 'libopus', '-b:a', '192k']],
    ['opus.webm', ['-c:a', 'libopus', '-b:a', '192k']],
    ['vorbis.mkv', ['-c:a', 'libvorbis', '-q:a', '5']],
    ['mp3.mp4', ['-c:a', 'libmp3lame', '-b:a', '192k']],
  ];
  // Matroska counts milliseconds, as do MP4's edit lists around MP3: start and end are known to within one each.
  const millisecond = sampleRateHz / 1000;
  for (const [name, encoder] of lossy) {
    it(name, async () => {
      const { left, codes } = await encodeAndRead(name, encoder);
      if (/mkv|webm|mp3\.mp4/.test(name)) {
        expect(Math.abs(left.length - frames)).toBeLessThanOrEqual(2 * millisecond);
      } else {
        expect(left.length).toBe(frames);
      }
      const { lag, correlation } = lagOf(left);
      expect(lag).toBe(0);
      expect(correlation).toBeGreaterThan(0.95);
      expect(codes).toEqual([]);
    });
  }

  it('a fragmented MP4, whose length is only an estimate, loses nothing', async () => {
    const encoder = ['-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov', '-f', 'mp4'];
    const { left, codes } = await encodeAndRead('fragments.mp4', encoder);
    expect(left.length).toBeGreaterThanOrEqual(frames);
    expect(codes).toEqual([]);
  });

  it('an MP3 without a length in it is read whole', async () => {
    const { left, codes } = await encodeAndRead('plain.mp3', ['-c:a', 'libmp3lame', '-write_xing', '0']);
    expect(left.length).toBeGreaterThanOrEqual(frames);
    expect(codes).toEqual([]);
  });

  it('an M4A that keeps its true length in a note of iTunes instead of an edit list', async () => {
    await ffmpeg([
      '-i',
      join(folder, 'source.wav'),
      '-c:a',
      'aac',
      '-b:a',
      '192k',
      '-use_editlist',
      '0',
      join(folder, 'plain.m4a'),
    ]);
    const plain = await readFile(join(folder, 'plain.m4a'));
    const hex = (value: number, digits: number): string =>
      value.toString(16).toUpperCase().padStart(digits, '0');
    const note = ` ${hex(0, 8)} ${hex(1024, 8)} ${hex(512, 8)} ${hex(frames, 16)}${` ${hex(0, 8)}`.repeat(8)}`;
    const entry = atom(
      '----',
      atom('mean', '\0\0\0\0com.apple.iTunes'),
      atom('name', '\0\0\0\0iTunSMPB'),
      atom('data', '\0\0\0\x01\0\0\0\0', note),
    );
    const handler = atom('hdlr', Buffer.alloc(8), 'mdir', Buffer.alloc(13));
    const userData = atom('udta', atom('meta', Buffer.alloc(4), handler, atom('ilst', entry)));
    const movieAt = plain.indexOf('moov') - 4; // the last atom, so that nothing else moves
    const movie = Buffer.concat([plain.subarray(movieAt), userData]);
    movie.writeUInt32BE(movie.length, 0);
    // What ffmpeg wrote as user data stands first; it must not hide ours.
    movie.write('free', movie.indexOf('udta'), 'latin1');
    await writeFile(join(folder, 'noted.m4a'), Buffer.concat([plain.subarray(0, movieAt), movie]));
    const { left, codes } = await readLeft(join(folder, 'noted.m4a'));
    expect(left.length).toBe(frames);
    expect(lagOf(left).lag).toBe(0);
    expect(codes).toEqual([]);
  });

  it('sound that changes from mono to stereo half way keeps the channels it began with', async () => {
    const parts: Buffer[] = [];
    for (const channels of ['2', '1']) {
      const path = join(folder, `part-${channels}.aac`);
      await ffmpeg(['-i', join(folder, 'source.wav'), '-ac', channels, '-c:a', 'aac', path]);
      parts.push(await readFile(path));
    }
    await writeFile(join(folder, 'changing.aac'), Buffer.concat(parts));
    const { left } = await readLeft(join(folder, 'changing.aac'));
    expect(left.length).toBeGreaterThan(1.9 * frames);
    expect(left.length).toBeLessThan(2.1 * frames);
  });
});
