import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { frameCount, type PlanarSamples } from '../../dsp/planar.js';
import type { Precision } from '../audio-reader.js';
import { openReader, type FileReader, type OpenOptions } from './open-reader.js';
import { exactPrecision, probe } from './probe.js';
import {
  encodeIntegers,
  packSamples,
  randomIntegers,
  randomNumbers,
  rf64File,
  wavFile,
  type WavSample,
} from './recordings.fake.js';

// Every step starts a program; on a busy machine one start alone can take a second.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

interface Decoded {
  readonly reader: FileReader<PlanarSamples>;
  /** interleaved */
  readonly samples: Float64Array;
  readonly blockSizes: readonly number[];
}

async function decode(path: string, options?: Partial<OpenOptions>, blockFrames = 1000): Promise<Decoded> {
  const probed = await probe(path);
  const precision: Precision = options?.precision ?? exactPrecision(probed.facts);
  const reader = await openReader(probed, { ...options, precision });
  const blocks: PlanarSamples[] = [];
  for await (const block of reader.blocks(blockFrames)) blocks.push(block);
  reader.close();
  const { channels } = reader.facts;
  const frames = blocks.reduce((sum, block) => sum + frameCount(block), 0);
  const samples = new Float64Array(frames * channels);
  let at = 0;
  for (const block of blocks) {
    expect(block).toHaveLength(channels);
    for (let frame = 0; frame < frameCount(block); frame++) {
      for (const channel of block) samples[at++] = channel[frame]!;
    }
  }
  return { reader, samples, blockSizes: blocks.map(frameCount) };
}

function scaled(values: Int32Array, bits: number): Float64Array {
  return Float64Array.from(values, (value) => value / 2 ** (bits - 1));
}

/** @returns where two signals differ first, in words; null when they are the same. Faster than toEqual by far. */
function firstDifference(found: Float64Array, expected: Float64Array): string | null {
  if (found.length !== expected.length) return `${found.length} samples instead of ${expected.length}`;
  const at = found.findIndex((value, i) => !Object.is(value, expected[i]));
  return at < 0 ? null : `sample ${at}: ${found[at]} instead of ${expected[at]}`;
}

function codes(decoded: Decoded): string[] {
  return decoded.reader.findings.map((finding) => finding.code);
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-reader-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('lossless recordings come out bit for bit', () => {
  const lossless: [name: string, bits: number, encoder: string[]][] = [
    ['wav', 8, ['-c:a', 'pcm_u8']],
    ['wav', 16, ['-c:a', 'pcm_s16le']],
    ['wav', 24, ['-c:a', 'pcm_s24le']],
    ['wav', 32, ['-c:a', 'pcm_s32le']],
    ['aiff', 8, ['-c:a', 'pcm_s8']],
    ['aiff', 16, ['-c:a', 'pcm_s16be']],
    ['aiff', 24, ['-c:a', 'pcm_s24be']],
    ['aiff', 32, ['-c:a', 'pcm_s32be']],
    ['aifc', 16, ['-c:a', 'pcm_s16le', '-f', 'aiff']],
    ['flac', 16, ['-c:a', 'flac', '-sample_fmt', 's16']],
    ['flac', 24, ['-c:a', 'flac', '-sample_fmt', 's32', '-bits_per_raw_sample', '24']],
    ['m4a', 16, ['-c:a', 'alac', '-sample_fmt', 's16p']],
    ['m4a', 24, ['-c:a', 'alac', '-sample_fmt', 's32p', '-bits_per_raw_sample', '24']],
    ['mov', 24, ['-c:a', 'pcm_s24le']],
    ['mkv', 16, ['-c:a', 'flac', '-sample_fmt', 's16']],
    ['caf', 16, ['-c:a', 'pcm_s16be']],
  ];
  for (const [name, bits, encoder] of lossless) {
    it(`${name} of ${bits} bits`, async () => {
      const values = randomIntegers(2 * 6007, bits, bits);
      const path = join(folder, `${bits}-bits.${name}`);
      await encodeIntegers(path, values, { bits, channels: 2, sampleRateHz: 48000, encoder });
      const decoded = await decode(path);
      expect(decoded.reader.facts).toMatchObject({ bitsPerSample: bits, lossless: true, channels: 2 });
      expect(firstDifference(decoded.samples, scaled(values, bits))).toBeNull();
      expect(codes(decoded)).toEqual([]);
    });
  }

  for (const channels of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`${channels} channels in their order, with and without named places`, async () => {
      const values = randomIntegers(channels * 997, 24, channels);
      const data = packSamples(values, 's24');
      const base = { sample: 's24', channels, sampleRateHz: 44100, data } as const;
      const masks = [undefined, 0, [0, 4, 3, 7, 0x107, 0x37, 0x3f, 0x13f, 0x63f][channels]];
      for (const mask of masks) {
        const path = join(folder, `channels-${channels}.wav`);
        await writeFile(path, wavFile({ ...base, ...(mask === undefined ? {} : { channelMask: mask }) }));
        const decoded = await decode(path);
        expect(firstDifference(decoded.samples, scaled(values, 24)), `mask ${mask}`).toBeNull();
      }
    });
  }

  for (const channels of [1, 2, 6, 8]) {
    it(`FLAC of ${channels} channels`, async () => {
      const values = randomIntegers(channels * 5000, 16, channels);
      const path = join(folder, `channels-${channels}.flac`);
      const encoder = ['-c:a', 'flac', '-sample_fmt', 's16'];
      await encodeIntegers(path, values, { bits: 16, channels, sampleRateHz: 48000, encoder });
      expect(firstDifference((await decode(path)).samples, scaled(values, 16))).toBeNull();
    });
  }

  for (const sampleRateHz of [8000, 11025, 44100, 96000, 192000]) {
    it(`${sampleRateHz} Hz`, async () => {
      const values = randomIntegers(3001, 16, sampleRateHz);
      for (const [extension, encoder] of [
        ['wav', ['-c:a', 'pcm_s16le']],
        ['flac', ['-c:a', 'flac']],
        ['aiff', ['-c:a', 'pcm_s16be']],
      ] as const) {
        const path = join(folder, `rate-${sampleRateHz}.${extension}`);
        await encodeIntegers(path, values, { bits: 16, channels: 1, sampleRateHz, encoder });
        const decoded = await decode(path);
        expect(decoded.reader.facts.sampleRateHz).toBe(sampleRateHz);
        expect(firstDifference(decoded.samples, scaled(values, 16))).toBeNull();
      }
    });
  }

  for (const sample of ['f32', 'f64'] as const) {
    it(`${sample} WAV, values beyond full scale and the smallest ones included`, async () => {
      const next = randomNumbers(5);
      const round = sample === 'f32' ? Math.fround : (value: number): number => value;
      const values = Float64Array.from({ length: 4000 }, () =>
        round((next() - 0.5) * 2 ** (8 - 40 * next())),
      );
      values.set([1, -1, 3.5, -7.25, round(1e-38), round(-1e-44), 0].map(round), 10);
      const path = join(folder, `${sample}.wav`);
      await writeFile(
        path,
        wavFile({ sample, channels: 2, sampleRateHz: 48000, data: packSamples(values, sample) }),
      );
      const decoded = await decode(path);
      expect(decoded.reader.facts.bitsPerSample).toBe(sample === 'f32' ? 32 : 64);
      expect(firstDifference(decoded.samples, values)).toBeNull();
    });
  }

  it('RF64 with sizes in ds64', async () => {
    const values = randomIntegers(2 * 3000, 24, 64);
    const path = join(folder, 'rf64.wav');
    await writeFile(
      path,
      rf64File({ sample: 's24', channels: 2, sampleRateHz: 96000, data: packSamples(values, 's24') }),
    );
    const decoded = await decode(path);
    expect(decoded.reader.facts.declaredSampleFrames).toBe(3000);
    expect(firstDifference(decoded.samples, scaled(values, 24))).toBeNull();
    expect(codes(decoded)).toEqual([]);
  });

  it('RF64 of more than 4 GB says its true length and starts where it should', async () => {
    const frames = 1_100_000_000;
    const path = join(folder, 'huge.wav');
    const head = rf64File({
      sample: 's16',
      channels: 2,
      sampleRateHz: 48000,
      data: packSamples([1, -2, 3, -4], 's16'),
    });
    head.writeBigUInt64LE(BigInt(frames * 4), 28);
    head.writeBigUInt64LE(BigInt(head.length - 24 + frames * 4), 20);
    await writeFile(path, head);
    await truncate(path, head.length - 8 + frames * 4); // the rest is a hole in the file
    const reader = await openReader(path, { precision: 'float32' });
    expect(reader.facts.declaredSampleFrames).toBe(frames);
    for await (const block of reader.blocks(4)) {
      expect(block.map((channel) => Array.from(channel, (value) => value * 32768))).toEqual([
        [1, 3, 0, 0],
        [-2, -4, 0, 0],
      ]);
      break;
    }
    reader.close();
  });

  it('float32 holds every integer format up to 24 bits', async () => {
    for (const [sample, bits] of [
      ['u8', 8],
      ['s16', 16],
      ['s24', 24],
    ] as [WavSample, number][]) {
      const values = randomIntegers(2000, bits, 3);
      const path = join(folder, `f32-${sample}.wav`);
      await writeFile(
        path,
        wavFile({ sample, channels: 1, sampleRateHz: 16000, data: packSamples(values, sample) }),
      );
      expect(
        firstDifference((await decode(path, { precision: 'float32' })).samples, scaled(values, bits)),
      ).toBeNull();
    }
  });
});

describe('blocks', () => {
  it('are of exactly the size asked for, the last one shorter', async () => {
    const path = join(folder, 'blocks.wav');
    const values = randomIntegers(2 * 50_000, 16, 1);
    await writeFile(
      path,
      wavFile({ sample: 's16', channels: 2, sampleRateHz: 48000, data: packSamples(values, 's16') }),
    );
    for (const size of [1 << 20, 4096, 4999, 50_000]) {
      const { blockSizes, samples } = await decode(path, {}, size);
      const full = Math.floor(50_000 / size);
      expect(blockSizes).toEqual([
        ...Array<number>(full).fill(size),
        ...(50_000 % size === 0 ? [] : [50_000 % size]),
      ]);
      expect(firstDifference(samples, scaled(values, 16))).toBeNull();
    }
  });

  it('belong to whoever received them', async () => {
    const path = join(folder, 'owned.wav');
    const values = randomIntegers(30_000, 16, 2);
    await writeFile(
      path,
      wavFile({ sample: 's16', channels: 1, sampleRateHz: 48000, data: packSamples(values, 's16') }),
    );
    const reader = await openReader(path, { precision: 'float32' });
    const kept: Float32Array[] = [];
    for await (const [block] of reader.blocks(1000)) {
      for (const earlier of kept) expect(earlier.every((value) => value === 9)).toBe(true);
      if (block !== undefined) kept.push(block.fill(9));
      if (kept.length === 5) break;
    }
    expect(new Set(kept.map((block) => block.buffer)).size).toBe(5);
  });

  it('work for one sample', async () => {
    const path = join(folder, 'one.wav');
    await writeFile(
      path,
      wavFile({ sample: 's16', channels: 1, sampleRateHz: 48000, data: packSamples([-1234], 's16') }),
    );
    const decoded = await decode(path);
    expect(firstDifference(decoded.samples, Float64Array.of(-1234 / 32768))).toBeNull();
    expect(codes(decoded)).toEqual([]);
  });

  it('refuse a size that is none', async () => {
    const reader = await openReader(join(folder, 'one.wav'), { precision: 'float32' });
    for (const size of [0, -1, 1.5, Number.NaN]) {
      await expect(reader.blocks(size)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });
});

describe('stopping', () => {
  async function longFile(): Promise<string> {
    const path = join(folder, 'long.wav');
    const frames = 100_000_000;
    const head = wavFile({ sample: 's16', channels: 2, sampleRateHz: 48000, data: Buffer.alloc(0) });
    head.writeUInt32LE(frames * 4, 40);
    head.writeUInt32LE(frames * 4 + 36, 4);
    await writeFile(path, head);
    await truncate(path, head.length + frames * 4);
    return path;
  }

  it('by the signal ends the stream with CANCELLED after at most one more block', async () => {
    const abort = new AbortController();
    const reader = await openReader(await longFile(), { precision: 'float32', signal: abort.signal });
    let afterAbort = 0;
    const run = async (): Promise<void> => {
      for await (const block of reader.blocks(4800)) {
        expect(frameCount(block)).toBe(4800);
        if (abort.signal.aborted) afterAbort++;
        abort.abort();
      }
    };
    await expect(run()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(afterAbort).toBeLessThanOrEqual(1);
  });

  it('by close ends a waiting stream, and closing again does nothing', async () => {
    const reader = await openReader(await longFile(), { precision: 'float32' });
    const blocks = reader.blocks(48000)[Symbol.asyncIterator]();
    await blocks.next();
    reader.close();
    reader.close();
    await expect(blocks.next()).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('nothing is decoded far ahead of a slow consumer', async () => {
    const reader = await openReader(await longFile(), { precision: 'float32' });
    const before = process.memoryUsage();
    let seen = 0;
    for await (const block of reader.blocks(4800)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen += frameCount(block);
      if (seen >= 48000) break;
    }
    const after = process.memoryUsage();
    // The whole file is 800 MB of float32; unread data would pile up in array buffers.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(20e6);
  });
});
