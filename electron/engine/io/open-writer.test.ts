import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AudioWriter } from './audio-writer.js';
import { openWriter, type WriterOptions } from './open-writer.js';
import { concreteFormats, extensionOf, storedSampleFrames, type ConcreteFormat } from './output-format.js';
import {
  bytesOf,
  decodeFile,
  integerNoise,
  interleaved,
  probeFile,
  tones,
  writeAll,
} from './written-file.fake.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-writer-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const lossless = concreteFormats.filter((format) => format !== 'mp3' && format !== 'opus');

function options(format: ConcreteFormat, more: Partial<WriterOptions> = {}): WriterOptions {
  return {
    path: join(folder, `a.${extensionOf(format)}`),
    overwrite: false,
    format,
    stream: { sampleRateHz: 48000, channels: 2 },
    expectedSampleFrames: null,
    dither: false,
    signal: new AbortController().signal,
    ...more,
  };
}

/** ffmpeg processes that this process has started and that have not ended. */
function runningChildren(): string[] {
  const path = `/proc/${process.pid}/task/${process.pid}/children`;
  if (!existsSync(path)) return [];
  const pids = readFileSync(path, 'utf8')
    .split(' ')
    .filter((pid) => pid !== '');
  return pids.filter(
    (pid) => existsSync(`/proc/${pid}/comm`) && readFileSync(`/proc/${pid}/comm`, 'utf8').includes('ffmpeg'),
  );
}

/** A disk with room for 20 kB: the write that reaches the end is done in part, as systems do, and the next one fails. */
async function openOnFullDisk(path: string, flags: string): Promise<FileHandle> {
  const handle = await open(path, flags);
  const roomBytes = 20_000;
  const write = async (
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<unknown> => {
    if (position >= roomBytes) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    return handle.write(bytes, offset, Math.min(length, roomBytes - position), position);
  };
  const replaced = { write } as unknown as FileHandle;
  return new Proxy(handle, {
    get: (target, key: keyof FileHandle) => {
      if (key === 'write') return replaced.write;
      const value: unknown = target[key];
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** @returns whether a disk of 300 kB is at `folder` now, which takes root and Linux */
function mountSmallDisk(folder: string): boolean {
  return system('mount', '-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', folder);
}

function system(program: string, ...words: string[]): boolean {
  return spawnSync(program, words).status === 0;
}

/** @returns what writing ten seconds of stereo throws */
async function failureOfTenSeconds(writer: AudioWriter): Promise<unknown> {
  const sound = tones(48000, 2, 48_000);
  try {
    for (let second = 0; second < 10; second++) await writer.write(sound);
    await writer.finish();
  } catch (error) {
    return error;
  }
  return null;
}

describe('a lossless output', () => {
  it.each(
    lossless.flatMap((format) => [
      [format, 1, 8000] as const,
      [format, 2, 44100] as const,
      [format, 8, 192000] as const,
    ]),
  )(
    'of %s with %i channels at %i Hz gives every sample back bit for bit',
    async (format, channels, sampleRateHz) => {
      const bits = Math.min(32, Number(/\d+/.exec(format)?.[0]));
      // Float formats get what integers cannot hold: beyond full scale, tiny, and more digits than 24 bits.
      const block = format.endsWith('f')
        ? integerNoise(24, channels, 9001).map((samples) =>
            samples.map((v, i) => (i % 3 === 0 ? v * 3.7 : v * 1e-6)),
          )
        : integerNoise(bits, channels, 9001);
      const stored = format === 'wav32f' ? block.map((samples) => Float32Array.from(samples)) : block;
      const stream = { sampleRateHz, channels };
      const { path } = options(format);
      const written = await writeAll({ path, format, stream }, stored, 1000);
      const decoded = decodeFile(path);
      expect(decoded.length).toBe(9001 * channels);
      const want = interleaved(stored);
      expect(decoded.findIndex((v, i) => v !== want[i])).toBe(-1);
      if (channels === 8) expect(probeFile(path)).toMatchObject({ channels, sampleRateHz, tags: {} });
      expect(written.clippedSamples).toBe(0);
      const bytes = bytesOf(path);
      expect(written.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(written.proof.sizeBytes).toBe(bytes.length);
      expect(written.proof.parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(bytes.length);
    },
  );

  it('of one sample is a whole file in every format', async () => {
    for (const format of lossless) {
      const { path } = options(format, { path: join(folder, `one-${format}.${extensionOf(format)}`) });
      await writeAll({ path, format, stream: { sampleRateHz: 48000, channels: 1 } }, [Float32Array.of(0.25)]);
      expect([...decodeFile(path)], format).toEqual([0.25]);
    }
  });

  it('holds the MD5 of its samples where FLAC keeps it', async () => {
    for (const [format, codec] of [
      ['flac16', 'pcm_s16le'],
      ['flac24', 'pcm_s24le'],
    ] as const) {
      const { path } = options(format, { path: join(folder, `${format}.flac`) });
      await writeAll({ path, format, stream: { sampleRateHz: 48000, channels: 3 } }, tones(48000, 3, 20_000));
      const decoded = execFileSync('ffmpeg', [
        '-nostdin',
        '-v',
        'error',
        '-i',
        path,
        '-c:a',
        codec,
        '-f',
        codec.slice(4),
        '-',
      ]);
      expect(bytesOf(path).toString('hex', 26, 42)).toBe(createHash('md5').update(decoded).digest('hex'));
    }
  });

  it('is digital silence when silence was written, also with dither', async () => {
    for (const format of ['wav16', 'flac16'] as const) {
      const { path } = options(format);
      const block = [new Float32Array(5000), new Float32Array(5000)];
      await writeAll({ path, format, stream: { sampleRateHz: 48000, channels: 2 }, dither: true }, block);
      expect(decodeFile(path).every((v) => v === 0)).toBe(true);
    }
  });

  it('counts what it had to clip', async () => {
    const { path } = options('wav16');
    const block = [Float32Array.of(1.5, 0.5, -1.5), Float32Array.of(0, -2, 0)];
    const { clippedSamples } = await writeAll(
      { path, format: 'wav16', stream: { sampleRateHz: 48000, channels: 2 } },
      block,
    );
    expect(clippedSamples).toBe(3);
  });
});

describe('a lossy output', () => {
  it.each([
    ['mp3', 8000, 1, 30_011],
    ['mp3', 44100, 2, 30_011],
    ['mp3', 48000, 2, 1152],
    ['mp3', 48000, 1, 1],
    ['mp3', 192000, 2, 30_011],
    ['opus', 8000, 1, 1],
    ['opus', 44100, 2, 100_001],
    ['opus', 48000, 6, 20_000],
    ['opus', 192000, 8, 20_000],
    // The sound ends exactly with the first page's fifty packets; what flushed the resampler comes after.
    ['opus', 8000, 1, 7948],
  ] as const)(
    '%s at %i Hz with %i channels gives exactly its %i sample frames back',
    async (format, sampleRateHz, channels, frames) => {
      const { path } = options(format);
      const sound = tones(sampleRateHz, channels, frames);
      const stream = { sampleRateHz, channels };
      const { proof } = await writeAll({ path, format, stream }, sound, 5000);
      const decoded = decodeFile(path);
      expect(decoded.length / channels).toBe(storedSampleFrames(format, sampleRateHz, frames));
      expect(proof.sizeBytes).toBe(statSync(path).size);
      expect(Object.keys(probeFile(path).tags as object).filter((tag) => tag !== 'encoder')).toEqual([]);
    },
  );

  it.each(['mp3', 'opus'] as const)('%s begins where the sound began', async (format) => {
    const { path } = options(format);
    const frames = 48_000;
    const [sound] = tones(48000, 1, frames);
    await writeAll({ path, format, stream: { sampleRateHz: 48000, channels: 1 } }, [sound!]);
    const decoded = decodeFile(path);
    const match = (lag: number): number => {
      let sum = 0;
      for (let i = 1000; i < frames - 1000; i++) sum += sound![i]! * decoded[i + lag]!;
      return sum;
    };
    const lags = Array.from({ length: 201 }, (_, i) => i - 100);
    const scores = lags.map(match);
    expect(lags[scores.indexOf(Math.max(...scores))]).toBe(0);
  });

  it.each(['mp3', 'opus'] as const)('%s is handed only what a player can play', async (format) => {
    const { path } = options(format);
    const [sound] = tones(48000, 1, 5000);
    sound![10] = NaN;
    sound![20] = Infinity;
    sound![30] = -7;
    const { clippedSamples } = await writeAll(
      { path, format, stream: { sampleRateHz: 48000, channels: 1 } },
      [sound!],
    );
    expect(clippedSamples).toBe(2);
    expect(decodeFile(path).every((v) => Math.abs(v) < 1.5)).toBe(true);
  });
});

describe('every output', () => {
  it.each(concreteFormats)(
    'as %s is the same file twice, whatever the blocks, and tells nothing of where it was made',
    async (format) => {
      const stream = { sampleRateHz: 48000, channels: 2 };
      const secret = join(folder, 'PLANTED-NAME');
      mkdirSync(secret);
      const first = join(secret, `Anna.${extensionOf(format)}`);
      const second = join(folder, `b.${extensionOf(format)}`);
      const sound = tones(48000, 2, 12_345);
      const a = await writeAll({ path: first, format, stream, dither: true }, sound, 777);
      const b = await writeAll(
        { path: second, format, stream, dither: true, expectedSampleFrames: 99 },
        sound,
        4000,
      );
      expect(a.sha256).toBe(b.sha256);
      expect(statSync(first).mtime.toISOString()).toBe('1980-01-02T00:00:00.000Z');
      const text = bytesOf(first).toString('latin1').toLowerCase();
      const traces = [
        'planted',
        'anna',
        'lavf',
        'lavc',
        'ffmpeg',
        'sotto',
        folder,
        new Date().toISOString().slice(0, 10),
      ];
      // Four letters, as "root" has, do not turn up by chance in 100 kB; two would.
      traces.push(...[hostname(), userInfo().username].filter((name) => name.length >= 4));
      for (const trace of traces) expect(text.includes(trace.toLowerCase()), trace).toBe(false);
    },
  );

  it.each(concreteFormats)('as %s leaves nothing behind when cancelled in the middle', async (format) => {
    const controller = new AbortController();
    const writer = await openWriter(options(format, { signal: controller.signal }));
    const sound = tones(48000, 2, 48_000);
    await writer.write(sound);
    controller.abort();
    await expect(writer.write(sound)).rejects.toMatchObject({ code: 'CANCELLED' });
    await writer.abort();
    expect(readdirSync(folder)).toEqual([]);
    expect(runningChildren()).toEqual([]);
  });

  it.each(concreteFormats)(
    'as %s leaves nothing behind when aborted, and nothing is aborted after it is finished',
    async (format) => {
      const writer = await openWriter(options(format));
      await writer.write(tones(48000, 2, 10_000));
      await writer.abort();
      await writer.abort();
      expect(readdirSync(folder)).toEqual([]);
      expect(runningChildren()).toEqual([]);
      await expect(writer.write(tones(48000, 2, 10))).rejects.toMatchObject({ code: 'INTERNAL' });

      const another = await openWriter(options(format));
      await another.write(tones(48000, 2, 10_000));
      await another.finish();
      await another.abort();
      expect(readdirSync(folder)).toEqual([`a.${extensionOf(format)}`]);
    },
  );

  it.each(concreteFormats)('as %s is refused without a single sample', async (format) => {
    const writer = await openWriter(options(format));
    await writer.write([new Float32Array(0), new Float32Array(0)]);
    await expect(writer.finish()).rejects.toMatchObject({ code: 'INPUT_NO_SAMPLES' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(concreteFormats)('as %s says that the disk is full, and how much it needed', async (format) => {
    const writer = await openWriter(
      options(format, { fileSystem: { openFile: openOnFullDisk }, expectedSampleFrames: 480_000 }),
    );
    expect(await failureOfTenSeconds(writer)).toMatchObject({
      code: 'OUTPUT_DISK_FULL',
      message: /at least [\d.]+ [kM]B.*found [\d.]+ \w+ free/,
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(runningChildren()).toEqual([]);
  });

  it('leaves a disk that ran full as it was', async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const mounted = mountSmallDisk(disk);
    try {
      // Without the right to mount, a file handle plays the full disk; the rest is the same.
      const fileSystem = mounted ? {} : { openFile: openOnFullDisk };
      const writer = await openWriter(options('wav24', { path: join(disk, 'a.wav'), fileSystem }));
      expect(await failureOfTenSeconds(writer)).toMatchObject({ code: 'OUTPUT_DISK_FULL' });
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      if (mounted) system('umount', disk);
    }
  });

  it('is refused before it starts when the disk cannot hold it', async () => {
    const year = 365 * 24 * 3600 * 48000;
    await expect(openWriter(options('wav32f', { expectedSampleFrames: year * 100 }))).rejects.toMatchObject({
      code: 'OUTPUT_DISK_FULL',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not replace a file that came while it was written', async () => {
    const writer = await openWriter(options('wav16'));
    await writer.write(tones(48000, 2, 100));
    writeFileSync(join(folder, 'a.wav'), 'precious');
    await expect(writer.finish()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(readdirSync(folder)).toEqual(['a.wav']);
    expect(readFileSync(join(folder, 'a.wav'), 'utf8')).toBe('precious');
  });

  it('says at once what is wrong with the place or the format', async () => {
    const stream = { sampleRateHz: 48000, channels: 3 };
    const missing = join(folder, 'none', 'a.wav');
    writeFileSync(join(folder, 'a.flac'), '');
    for (const [wrong, code] of [
      [options('mp3', { stream }), 'OUTPUT_UNSUPPORTED'],
      [options('wav16', { path: missing }), 'OUTPUT_FOLDER_MISSING'],
      [options('flac16'), 'OUTPUT_EXISTS'],
      [options('wav16', { signal: AbortSignal.abort() }), 'CANCELLED'],
    ] as const) {
      await expect(openWriter(wrong)).rejects.toMatchObject({ code });
    }
    expect(readdirSync(folder)).toEqual(['a.flac']);
  });

  it('refuses a block with other channels than the stream', async () => {
    const writer = await openWriter(options('wav16'));
    await expect(writer.write([new Float32Array(5)])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
