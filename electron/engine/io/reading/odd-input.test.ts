import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../../contract/audio-format.js';
import { frameCount } from '../../dsp/planar.js';
import { inputError } from './open-input.js';
import { openReader, type OpenOptions } from './open-reader.js';
import { probe } from './probe.js';
import { chunk, ffmpeg, packSamples, randomIntegers, randomNumbers, wavFile } from './recordings.fake.js';

// Every step starts a program; on a busy machine one start alone can take a second.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const frames = 48_000;
let folder = '';
/** a healthy stereo WAV file */
let wav: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-odd-'));
  const values = randomIntegers(frames * 2, 16, 4).map((value) => value >> 1);
  wav = wavFile({ sample: 's16', channels: 2, sampleRateHz: 48000, data: packSamples(values, 's16') });
  await write('whole.wav', wav);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function write(name: string, bytes: Buffer | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

async function encoded(name: string, encoder: readonly string[]): Promise<Buffer> {
  const path = join(folder, name);
  await ffmpeg(['-i', join(folder, 'whole.wav'), ...encoder, `file:${path}`]);
  return readFile(path);
}

interface Outcome {
  frames: number;
  findings: readonly Finding[];
  samples: number[];
}

async function read(path: string, options: Partial<OpenOptions<'float32'>> = {}): Promise<Outcome> {
  const reader = await openReader(path, { precision: 'float32', ...options });
  let count = 0;
  const samples: number[] = [];
  for await (const block of reader.blocks(7777)) {
    count += frameCount(block);
    if (block[0] !== undefined && samples.length < 100_000) samples.push(...block[0]);
  }
  return { frames: count, findings: reader.findings, samples };
}

/** @returns the data chunk's size field changed, the RIFF size as well when given */
function withSizes(dataBytes: number, riffBytes?: number): Buffer {
  const changed = Buffer.from(wav);
  changed.writeUInt32LE(dataBytes, 40);
  if (riffBytes !== undefined) changed.writeUInt32LE(riffBytes, 4);
  return changed;
}

function damaged(bytes: Buffer, at: number, length: number): Buffer {
  const changed = Buffer.from(bytes);
  const next = randomNumbers(1);
  for (let i = at; i < at + length; i++) changed[i] = Math.floor(next() * 256);
  return changed;
}

describe('headers that do not know the length', () => {
  it('are said to be wrong, and all the sound is read', async () => {
    const placeholders: [string, Buffer][] = [
      ['0', withSizes(0)],
      ['0, RIFF 0', withSizes(0, 0)],
      ['0xFFFFFFFF', withSizes(0xffffffff)],
      ['0xFFFFFFFF, RIFF the same', withSizes(0xffffffff, 0xffffffff)],
      ['a streaming placeholder', withSizes(0x7ffff000, 0x7ffff024)],
      ['more than the file holds', withSizes(frames * 4 + 5000)],
    ];
    for (const [name, bytes] of placeholders) {
      const outcome = await read(await write('size.wav', bytes));
      expect(outcome.frames, name).toBe(frames);
      expect(
        outcome.findings.map(({ code }) => code),
        name,
      ).toEqual(['WRONG_HEADER_SIZE']);
      expect(outcome.findings[0]?.message, name).toContain(`${frames} sample frames`);
    }
  });

  it('that stop too early are not believed silently', async () => {
    const outcome = await read(await write('early.wav', withSizes(1000)));
    expect(outcome.frames).toBe(250);
    expect(outcome.findings.map(({ code }) => code)).toEqual(['TRAILING_DATA']);
  });

  it('chunks behind an empty data chunk are not sound', async () => {
    const empty = wavFile({
      sample: 's16',
      channels: 2,
      sampleRateHz: 48000,
      data: Buffer.alloc(0),
      after: [chunk('LIST', 'INFOISFT\x04\0\0\0abcd')],
    });
    await expect(read(await write('no-samples.wav', empty))).rejects.toMatchObject({
      code: 'INPUT_NO_SAMPLES',
    });
  });
});

describe('truncated recordings', () => {
  it('give the sound that is there and say how much is missing', async () => {
    const path = await write('cut.wav', wav.subarray(0, 44 + 4 * 10_000));
    const outcome = await read(path);
    expect(outcome.frames).toBe(10_000);
    expect(outcome.findings).toEqual([
      {
        code: 'TRUNCATED',
        message: expect.stringContaining(`Expected ${frames} sample frames, found 10000`) as string,
      },
    ]);
  });

  for (const [extension, encoder] of [
    ['flac', ['-c:a', 'flac']],
    ['mp3', ['-c:a', 'libmp3lame', '-b:a', '128k']],
    ['m4a', ['-c:a', 'aac', '-movflags', '+faststart']],
    ['aiff', ['-c:a', 'pcm_s16be']],
  ] as const) {
    it(`also in ${extension}`, async () => {
      const whole = await encoded(`whole.${extension}`, encoder);
      const outcome = await read(
        await write(`cut.${extension}`, whole.subarray(0, Math.floor(whole.length * 0.6))),
      );
      expect(outcome.frames).toBeGreaterThan(frames * 0.3);
      expect(outcome.frames).toBeLessThan(frames * 0.8);
      const truncated = outcome.findings.find(({ code }) => code === 'TRUNCATED');
      expect(truncated?.message).toContain(`Expected ${frames} sample frames, found ${outcome.frames}`);
    });
  }

  it('without anything to decode are damaged', async () => {
    const m4a = await encoded('end.m4a', ['-c:a', 'aac']);
    for (const [name, bytes] of [
      ['header only.wav', wav.subarray(0, 44)],
      ['half a header.wav', wav.subarray(0, 24)],
      ['no moov.m4a', m4a.subarray(0, m4a.length / 2)],
    ] as const) {
      await expect(read(await write(name, bytes)), name).rejects.toMatchObject({ code: 'INPUT_DAMAGED' });
    }
  });
});

describe('damaged recordings', () => {
  for (const [extension, encoder] of [
    ['flac', ['-c:a', 'flac']],
    ['mp3', ['-c:a', 'libmp3lame', '-b:a', '128k']],
    ['m4a', ['-c:a', 'aac']],
    ['ogg', ['-c:a', 'libvorbis', '-page_duration', '50000']],
  ] as const) {
    it(`in ${extension} are read around the damage, and that is said without addresses or paths`, async () => {
      const whole = await encoded(`healthy.${extension}`, encoder);
      const path = await write(`damaged.${extension}`, damaged(whole, Math.floor(whole.length / 2), 1500));
      const outcome = await read(path);
      expect(outcome.frames).toBeGreaterThan(frames / 2);
      const found = outcome.findings.find(({ code }) => code === 'DECODE_ERRORS');
      expect(found?.message).toMatch(/\(.{5,}\)/);
      expect(found?.message).not.toMatch(/0x[0-9a-f]{6}/);
      expect(found?.message).not.toContain(folder);
    });
  }
});

describe('samples worth a word', () => {
  async function float(name: string, values: number[]): Promise<string> {
    return write(
      name,
      wavFile({ sample: 'f32', channels: 1, sampleRateHz: 8000, data: packSamples(values, 'f32') }),
    );
  }

  it('NaN and infinities are counted and kept, or replaced when asked', async () => {
    const path = await float('nan.wav', [
      0.5,
      Number.NaN,
      0.25,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
    ]);
    const kept = await read(path);
    expect(kept.samples).toEqual([0.5, Number.NaN, 0.25, Infinity, -Infinity, 0]);
    expect(kept.findings).toEqual([
      { code: 'NON_FINITE', message: expect.stringMatching(/found 3 samples.*kept/) as string },
    ]);
    const replaced = await read(path, { replaceNonFinite: true });
    expect(replaced.samples).toEqual([0.5, 0, 0.25, 0, 0, 0]);
    expect(replaced.findings[0]?.message).toMatch(/found 3 samples.*replaced/);
  });

  it('runs at full scale are clipping, also across blocks; single peaks are not', async () => {
    const values = new Array<number>(20_000).fill(0.1);
    values.fill(1, 7775, 7780); // across the border at 7777
    values.fill(-1.2, 100, 103);
    values[500] = 1;
    const outcome = await read(await float('clipped.wav', values));
    expect(outcome.findings).toEqual([
      { code: 'CLIPPED', message: expect.stringContaining('8 clipped samples in 2 places') as string },
    ]);
  });

  it('the largest integers are full scale', async () => {
    const data = packSamples(
      [0, 32767, 32767, 32767, 32767, 5, -32768, -32768, -32768, 0, 32767, -32768, 32767],
      's16',
    );
    const path = await write('full.wav', wavFile({ sample: 's16', channels: 1, sampleRateHz: 8000, data }));
    expect((await read(path)).findings[0]?.message).toContain('7 clipped samples in 2 places');
  });

  it('silence is said', async () => {
    const outcome = await read(await float('silent.wav', new Array<number>(9000).fill(0)));
    expect(outcome.frames).toBe(9000);
    expect(outcome.findings.map(({ code }) => code)).toEqual(['SILENT']);
  });

  it('other streams are named and left out', async () => {
    const path = join(folder, 'film.mkv');
    const inputs = [
      '-i',
      join(folder, 'whole.wav'),
      '-f',
      'lavfi',
      '-i',
      'testsrc=d=1:s=64x64',
      '-f',
      'lavfi',
      '-i',
      'sine=d=1',
    ];
    await ffmpeg([...inputs, '-map', '1', '-map', '0', '-map', '2', '-c:v', 'mpeg4', '-c:a', 'flac', path]);
    const outcome = await read(path);
    expect(outcome.frames).toBe(frames);
    expect(outcome.findings).toEqual([
      {
        code: 'OTHER_STREAMS',
        message: expect.stringMatching(/video \(mpeg4\); sound flac, 1 channel/) as string,
      },
    ]);
  });
});

describe('what is not a recording', () => {
  it('is refused with its own code', async () => {
    await mkdir(join(folder, 'a folder.wav'));
    const picture = join(folder, 'picture.png');
    await ffmpeg(['-f', 'lavfi', '-i', 'testsrc=s=64x64', '-frames:v', '1', picture]);
    const silentFilm = join(folder, 'film.mp4');
    await ffmpeg(['-f', 'lavfi', '-i', 'testsrc=d=1:s=64x64', '-c:v', 'mpeg4', silentFilm]);
    const nineChannels = wavFile({
      sample: 's16',
      channels: 9,
      sampleRateHz: 48000,
      data: Buffer.alloc(18 * 100, 1),
    });
    const slow = wavFile({ sample: 's16', channels: 1, sampleRateHz: 4000, data: Buffer.alloc(800, 1) });
    const fast = wavFile({ sample: 's16', channels: 1, sampleRateHz: 384000, data: Buffer.alloc(800, 1) });
    const bytes = Buffer.alloc(100_000);
    const expected: [path: string, code: string, words: string][] = [
      [join(folder, 'gone.wav'), 'INPUT_NOT_FOUND', 'gone.wav'],
      [join(folder, 'whole.wav', 'x.wav'), 'INPUT_NOT_FOUND', 'x.wav'],
      [join(folder, 'nul\0.wav'), 'INPUT_NOT_FOUND', 'nul'],
      [join(folder, 'x'.repeat(300)), 'INPUT_NOT_FOUND', 'characters'],
      [join(folder, 'a folder.wav'), 'INPUT_UNREADABLE', 'folder'],
      ['/dev/null', 'INPUT_UNREADABLE', 'device'],
      [await write('empty.wav', ''), 'INPUT_EMPTY', '0 bytes'],
      [await write('text.wav', 'This is a letter.\n'.repeat(100)), 'INPUT_NOT_AUDIO', 'no sound format'],
      [await write('text.mp3', 'This is a letter.\n'.repeat(100)), 'INPUT_NOT_AUDIO', 'no sound format'],
      [await write('zeros.mp3', bytes), 'INPUT_NOT_AUDIO', 'no sound format'],
      [await write('zeros.wav', bytes), 'INPUT_NOT_AUDIO', 'no sound format'],
      [await write('random.mp3', damaged(bytes, 0, bytes.length)), 'INPUT_NOT_AUDIO', 'no sound format'],
      [await write('one byte.flac', 'f'), 'INPUT_NOT_AUDIO', 'no sound format'],
      [picture, 'INPUT_NOT_AUDIO', 'no sound format'],
      [await write('picture.wav', await readFile(picture)), 'INPUT_NOT_AUDIO', 'no sound format'],
      [silentFilm, 'INPUT_NOT_AUDIO', 'video (mpeg4)'],
      [await write('nine.wav', nineChannels), 'INPUT_UNSUPPORTED', 'found 9'],
      [await write('slow.wav', slow), 'INPUT_UNSUPPORTED', 'found 4000 Hz'],
      [await write('fast.wav', fast), 'INPUT_UNSUPPORTED', 'found 384000 Hz'],
    ];
    for (const [path, code, words] of expected) {
      await expect(read(path), path).rejects.toMatchObject({
        code,
        message: expect.stringContaining(words) as string,
      });
    }
  });

  it('a recording under copy protection is named as such', async () => {
    const m4a = await encoded('free.m4a', ['-c:a', 'aac']);
    const entry = m4a.indexOf('mp4a', 0, 'latin1');
    m4a.write('drms', entry, 'latin1');
    await expect(read(await write('protected.m4a', m4a))).rejects.toMatchObject({
      code: 'INPUT_UNSUPPORTED',
      message: expect.stringContaining('DRM') as string,
    });
  });

  it('a file that may not be read says so', () => {
    for (const code of ['EACCES', 'EPERM', 'EIO', 'ELOOP']) {
      const error = inputError(
        '/recordings/a.wav',
        Object.assign(new Error(`${code}: went wrong`), { code }),
      );
      expect(error.code).toBe('INPUT_UNREADABLE');
      expect(error.message).toContain('a.wav');
    }
  });
});

describe('odd names', () => {
  it('are only names', async () => {
    const long = Array.from({ length: 14 }, () => 'd'.repeat(250));
    const deep = join(folder, ...long);
    await mkdir(deep, { recursive: true });
    const names = [
      '-i.wav',
      'a\nb.wav',
      '🎙️ é.wav',
      `it's "q" $(x) \`y\`.wav`,
      'concat:whole.wav|x.wav',
      'http:',
      '%d.wav',
    ];
    const paths = [...names.map((name) => join(folder, name)), join(deep, 'x.wav')];
    for (const path of paths) {
      await writeFile(path, wav);
      expect((await read(path)).frames, path).toBe(frames);
    }
  });

  it('may be relative', async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      await writeFile('-y', wav);
      expect((await probe('-y')).facts.declaredSampleFrames).toBe(frames);
    } finally {
      process.chdir(before);
    }
  });
});
