import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlaybackCache } from './playback-cache.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-cache-'));
});

afterEach(() => rm(folder, { recursive: true }));

const stereo = { sampleRateHz: 8000, channels: 2, expectedSampleFrames: 600 };

async function floats(name: string): Promise<Float32Array> {
  const bytes = await readFile(join(folder, name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

describe('PlaybackCache', () => {
  it('plays silence where the file has no numbers, or larger ones than can be played', async () => {
    const cache = await PlaybackCache.open(folder, 'result', { ...stereo, channels: 1 });
    const samples = Float64Array.of(0.5, Number.NaN, Number.NEGATIVE_INFINITY, 1e300, -0.25);
    await cache.write([samples]);
    await cache.finish();
    expect([...(await floats('result.pcm'))]).toEqual([0.5, 0, 0, 0, -0.25]);
    expect(samples[3]).toBe(1e300);
  });

  it('writes interleaved samples and one pair of peaks for each channel and bin', async () => {
    const cache = await PlaybackCache.open(folder, 'raw', stereo);
    const left = Float32Array.from({ length: 600 }, (_, n) => n / 1000);
    const right = left.map((value) => -value);
    await cache.write([left.subarray(0, 100), right.subarray(0, 100)]);
    await cache.write([left.subarray(100), right.subarray(100)]);
    expect(await cache.finish()).toEqual({
      ...{ sampleRateHz: 8000, channels: 2, sampleFrames: 600, samplesPerPeak: 256 },
    });
    const pcm = await floats('raw.pcm');
    expect(pcm).toHaveLength(1200);
    expect([pcm[2], pcm[3], pcm[1198]]).toEqual([left[1], right[1], left[599]]);
    const bytes = await readFile(join(folder, 'raw.peaks'));
    const peaks = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    expect(peaks).toHaveLength(3 * 2 * 2);
    expect([...peaks.subarray(8)]).toEqual([
      ...[Math.round(0.512 * 32767), Math.round(0.599 * 32767)],
      ...[Math.round(-0.599 * 32767), Math.round(-0.512 * 32767)],
    ]);
  });

  it('shows nothing under the final names before the end, and nothing at all after an abort', async () => {
    const cache = await PlaybackCache.open(folder, 'result', stereo);
    await cache.write([new Float32Array(5), new Float32Array(5)]);
    expect((await readdir(folder)).sort()).toEqual(['result.pcm.part', 'result.peaks.part']);
    await cache.abort();
    await cache.abort();
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps the finished files when abort follows', async () => {
    const cache = await PlaybackCache.open(folder, 'raw', stereo);
    await cache.finish();
    await cache.abort();
    expect((await readdir(folder)).sort()).toEqual(['raw.pcm', 'raw.peaks']);
  });

  it('refuses before it writes when the disk cannot hold the copy', async () => {
    const endless = { ...stereo, expectedSampleFrames: 1e15 };
    await expect(PlaybackCache.open(folder, 'raw', endless)).rejects.toMatchObject({
      code: 'OUTPUT_DISK_FULL',
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says that the folder is missing', async () => {
    const opening = PlaybackCache.open(join(folder, 'gone'), 'raw', {
      ...stereo,
      expectedSampleFrames: null,
    });
    await expect(opening).rejects.toMatchObject({ code: 'OUTPUT_FOLDER_MISSING' });
  });
});
