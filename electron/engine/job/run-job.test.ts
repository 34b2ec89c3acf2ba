import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../contract/app-error.js';
import { voiceSettingsSchema } from '../../contract/chain.js';
import { playbackSchema } from '../../contract/media.js';
import { fileReportSchema } from '../../contract/report.js';
import {
  encodeIntegers,
  packSamples,
  randomIntegers,
  randomNumbers,
  wavFile,
  writeNoise,
  type WavSample,
} from '../io/reading/recordings.fake.js';
import { FakeModelHost, fakeManifest, passAll } from '../models/model-host.fake.js';
import { ThreadedModelHost } from '../models/threaded-model-host.js';
import { FakeVoiceHost } from '../voice/voice-host.fake.js';
import {
  decodeRaw,
  namesIn,
  runPlainJob,
  settingsOf,
  testFolder,
  wavData,
  withSmallDisk,
} from './run-job.fake.js';
import { shareableReport } from './shareable-report.js';

/** ffmpeg is started for every recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const folder = testFolder();
const noModels = new FakeModelHost(passAll);
const stereo = { channels: 2, sampleRateHz: 48_000 };
const enhanced = settingsOf('same', { enhance: { strength: 1, level: 'fp32' } });

function samplesOf(sample: WavSample, count: number): Buffer {
  if (!sample.startsWith('f')) {
    const bits = Number(sample.slice(1));
    return packSamples(randomIntegers(count, bits, bits), sample);
  }
  const next = randomNumbers(5);
  return packSamples(
    Float64Array.from({ length: count }, () => (next() - 0.5) * 2.5),
    sample,
  );
}

describe('a job without stages', () => {
  it.each<WavSample>(['u8', 's16', 's24', 's32', 'f32', 'f64'])(
    'gives a WAV of %s samples back bit for bit',
    async (sample) => {
      // Longer than one block and not a multiple of it.
      const data = samplesOf(sample, 2 * 70_001);
      const input = join(folder(), 'in.wav');
      await writeFile(input, wavFile({ ...stereo, sample, data }));
      const { report } = await runPlainJob(
        { input, output: join(folder(), 'out.wav') },
        { models: noModels },
      );
      expect(report).toMatchObject({ status: 'done', sampleFrames: 70_001, clippedSamples: 0, stages: [] });
      expect((await wavData(join(folder(), 'out.wav'))).equals(data)).toBe(true);
      expect(fileReportSchema.parse(report)).toEqual(report);
    },
  );

  it.each([
    { bits: 16, encoder: ['-c:a', 'flac', '-f', 'flac'], name: 'in.flac', output: 'out.flac' },
    { bits: 24, encoder: ['-c:a', 'flac', '-f', 'flac'], name: 'in.flac', output: 'out.flac' },
    { bits: 24, encoder: ['-c:a', 'pcm_s24be', '-f', 'aiff'], name: 'in.aiff', output: 'out.wav' },
    { bits: 16, encoder: ['-c:a', 'pcm_s16be', '-f', 'aiff'], name: 'in.aiff', output: 'out.wav' },
  ])('gives $name of $bits bits back bit for bit', async ({ bits, encoder, name, output }) => {
    const values = randomIntegers(2 * 50_001, bits, 3);
    await encodeIntegers(join(folder(), name), values, { bits, encoder, ...stereo });
    const request = { input: join(folder(), name), output: join(folder(), output) };
    const { report } = await runPlainJob(request, { models: noModels });
    expect(report).toMatchObject({ status: 'done', sampleFrames: 50_001 });
    const raw = await decodeRaw(request.output, bits === 16 ? 's16le' : 's24le');
    expect(raw.equals(packSamples(values, bits === 16 ? 's16' : 's24'))).toBe(true);
  });

  it('keeps samples that are no numbers in a float file, and says so', async () => {
    const data = packSamples([0.5, Number.NaN, Number.POSITIVE_INFINITY, -0.25], 'f32');
    const input = join(folder(), 'nan.wav');
    await writeFile(input, wavFile({ sample: 'f32', channels: 1, sampleRateHz: 8000, data }));
    const { report } = await runPlainJob({ input, output: join(folder(), 'out.wav') }, { models: noModels });
    expect(report.warnings?.map(({ code }) => code)).toContain('NON_FINITE');
    expect((await wavData(join(folder(), 'out.wav'))).equals(data)).toBe(true);
    // Measured as it is heard: as silence.
    expect(fileReportSchema.parse(JSON.parse(JSON.stringify(report))).loudness?.rawLufs).toBeLessThan(0);
  });

  it('writes a playback copy of exactly what was exported when asked to', async () => {
    const input = join(folder(), 'in.wav');
    await writeNoise(input, { seconds: 1, ...stereo });
    await mkdir(join(folder(), 'cache'));
    const request = { input, output: join(folder(), 'out.wav'), cacheFolder: join(folder(), 'cache') };
    const { playback } = await runPlainJob(request, { models: noModels });
    expect(playbackSchema.parse(playback)).toMatchObject({ ...stereo, sampleFrames: 48_000 });
    expect(await namesIn(request.cacheFolder)).toEqual(['result.pcm', 'result.peaks']);
    const copy = await readFile(join(request.cacheFolder, 'result.pcm'));
    expect(copy.equals(await decodeRaw(request.output, 'f32le'))).toBe(true);
  });
});

describe('a job with a stage', () => {
  it('keeps length, rate and channels, reports what ran, and gives every session back', async () => {
    const input = join(folder(), 'in.wav');
    await writeNoise(input, { seconds: 2.3, channels: 2, sampleRateHz: 44_100 });
    const models = new FakeModelHost(passAll);
    const phases = new Set<string>();
    const { report } = await runPlainJob(
      {
        ...{ input, output: join(folder(), 'out.wav'), settings: enhanced },
        onProgress: ({ phase }) => phases.add(phase),
      },
      { models },
    );
    expect(report).toMatchObject({
      ...{ status: 'done', sampleRateHz: 44_100, channels: 2, sampleFrames: 101_430 },
      stages: [{ stage: 'enhance', model: 'fake-mask', level: 'fp32', strength: 1 }],
      loudness: { method: 'ungated' },
    });
    expect(Object.keys(report.busySeconds ?? {})).toEqual(
      expect.arrayContaining(['decode', 'chain', 'model', 'measure', 'write', 'prove']),
    );
    expect([...phases]).toEqual(['process', 'prove']);
    expect(models.openSessions).toBe(0);
  });

  it('reports both models of another voice, with their levels and weights', async () => {
    const input = join(folder(), 'in.wav');
    await writeNoise(input, { seconds: 0.5, channels: 1, sampleRateHz: 16_000 });
    const settings = settingsOf('same', { voice: voiceSettingsSchema.parse({ mode: 'neutral' }) });
    const models = new FakeVoiceHost();
    const { report } = await runPlainJob({ input, output: join(folder(), 'out.wav'), settings }, { models });
    const sha256 = { codes: '1'.repeat(64), synthesis: '2'.repeat(64) };
    expect(report.stages).toEqual([
      {
        ...{ stage: 'voice', model: 'voice-codes', level: 'edge', sha256: sha256.codes, strength: 1 },
        furtherModels: [{ model: 'voice-synthesis', level: 'fp32', sha256: sha256.synthesis }],
      },
    ]);
    expect(shareableReport([report]).files[0]?.stages).toEqual(report.stages);
  });

  it('gives the same samples to within dither when the net lets everything through', async () => {
    const input = join(folder(), 'in.wav');
    const values = await writeNoise(input, { seconds: 1.5, ...stereo });
    const output = join(folder(), 'out.wav');
    await runPlainJob({ input, output, settings: enhanced }, { models: new FakeModelHost(passAll) });
    const data = await wavData(output);
    let largest = 0;
    values.forEach((value, n) => (largest = Math.max(largest, Math.abs(value - data.readInt16LE(2 * n)))));
    // One step of rounding and one of triangular dither.
    expect(largest).toBeLessThanOrEqual(2);
  });

  it('turns samples that are no numbers into silence', async () => {
    const samples = new Float32Array(4000).fill(0.1);
    samples.set([Number.NaN, Number.NEGATIVE_INFINITY], 100);
    const input = join(folder(), 'nan.wav');
    const data = packSamples(samples, 'f32');
    await writeFile(input, wavFile({ sample: 'f32', channels: 1, sampleRateHz: 16_000, data }));
    const output = join(folder(), 'out.wav');
    await runPlainJob({ input, output, settings: enhanced }, { models: new FakeModelHost(passAll) });
    const written = await wavData(output);
    for (let n = 0; n < 4000; n += 1) expect(Number.isFinite(written.readFloatLE(4 * n))).toBe(true);
  });

  it('reports a net that fails, leaves nothing behind, and can be asked again', async () => {
    const input = join(folder(), 'in.wav');
    await writeNoise(input, { seconds: 3, ...stereo });
    let broken = true;
    const models = new FakeModelHost((magnitude) => {
      if (broken) throw new AppError('MODEL_FAILED', 'The thread that computes the model ended.');
      return passAll(magnitude);
    });
    const request = { input, output: join(folder(), 'out.wav'), settings: enhanced };
    const failed = await runPlainJob(request, { models });
    expect(failed.report).toMatchObject({ status: 'failed', output: null, error: { code: 'MODEL_FAILED' } });
    expect(failed.report.source?.sampleRateHz).toBe(48_000);
    expect(await namesIn(folder())).toEqual(['in.wav']);
    expect(models.openSessions).toBe(0);
    broken = false;
    expect((await runPlainJob(request, { models })).report.status).toBe('done');
  });
});

describe('a job whose model thread dies', () => {
  it('is reported as failed, leaves nothing behind, and the next job gets a new thread', async () => {
    const root = join(folder(), 'models');
    await mkdir(join(root, 'fake-mask'), { recursive: true });
    await writeFile(join(root, 'fake-mask', 'model.json'), JSON.stringify(fakeManifest));
    // Opens every session, and dies of the first chunk unless told to live.
    const threadFile = join(root, 'thread.mjs');
    await writeFile(
      threadFile,
      `import { existsSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       parentPort.on('message', ({ id, inputs }) => {
         if (inputs === null) return parentPort.postMessage({ id, ok: true, outputs: {} });
         if (!existsSync(${JSON.stringify(join(root, 'live'))})) process.exit(9);
         const { shape, data } = inputs.magnitude;
         parentPort.postMessage({ id, ok: true, outputs: { mask: { shape, data: data.fill(1) } } });
       });`,
    );
    const models = new ThreadedModelHost({ root, threadFile });
    try {
      const input = join(folder(), 'in.wav');
      await writeNoise(input, { seconds: 14, channels: 1, sampleRateHz: 16_000 });
      const request = { input, output: join(folder(), 'out.wav'), settings: enhanced };
      const { report } = await runPlainJob(request, { models });
      expect(report).toMatchObject({ status: 'failed', error: { code: 'MODEL_FAILED' } });
      expect(await namesIn(folder())).toEqual(['in.wav', 'models']);
      await writeFile(join(root, 'live'), '');
      expect((await runPlainJob(request, { models })).report).toMatchObject({
        ...{ status: 'done', sampleFrames: 14 * 16_000 },
      });
    } finally {
      await models.close();
    }
  });
});

describe('a job that is cancelled', () => {
  it('throws CANCELLED within a block and leaves nothing behind', async () => {
    const input = join(folder(), 'in.wav');
    await writeNoise(input, { seconds: 20, ...stereo });
    await mkdir(join(folder(), 'cache'));
    for (const settings of [settingsOf(), enhanced]) {
      const controller = new AbortController();
      let told = 0;
      const models = new FakeModelHost(passAll);
      const outcome = runPlainJob(
        {
          ...{ input, output: join(folder(), 'out.wav'), cacheFolder: join(folder(), 'cache'), settings },
          signal: controller.signal,
          onProgress: () => {
            told += 1;
            if (told === 3) controller.abort();
          },
        },
        { models },
      );
      await expect(outcome).rejects.toMatchObject({ code: 'CANCELLED' });
      // The block under way may still be told of.
      expect(told).toBeLessThanOrEqual(4);
      expect(await namesIn(folder())).toEqual(['cache', 'in.wav']);
      expect(await namesIn(join(folder(), 'cache'))).toEqual([]);
      expect(models.openSessions).toBe(0);
    }
  });

  it('does not start when it is already cancelled', async () => {
    const signal = AbortSignal.abort();
    const outcome = runPlainJob({ input: '/gone', output: '/gone', signal }, { models: noModels });
    await expect(outcome).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a job that cannot be done', () => {
  const codeOf = async (input: string, output: string): Promise<string | undefined> =>
    (await runPlainJob({ input, output }, { models: noModels })).report.error?.code;

  it('says why, and touches neither the recording nor what is there already', async () => {
    const input = join(folder(), 'in.wav');
    await writeNoise(input, { seconds: 0.1, ...stereo });
    const before = await readFile(input);
    await writeFile(join(folder(), 'there.wav'), 'mine');
    await writeFile(join(folder(), 'text.wav'), 'this is no sound at all');
    const out = join(folder(), 'out.wav');
    expect(await codeOf(join(folder(), 'gone.wav'), out)).toBe('INPUT_NOT_FOUND');
    expect(await codeOf(join(folder(), 'text.wav'), out)).toBe('INPUT_NOT_AUDIO');
    expect(await codeOf(input, input)).toBe('INPUT_IS_OUTPUT');
    expect(await codeOf(input, join(folder(), 'there.wav'))).toBe('OUTPUT_EXISTS');
    expect(await codeOf(input, join(folder(), 'gone', 'out.wav'))).toBe('OUTPUT_FOLDER_MISSING');
    expect((await readFile(input)).equals(before)).toBe(true);
    expect(await readFile(join(folder(), 'there.wav'), 'utf8')).toBe('mine');
    expect(await namesIn(folder())).toEqual(['in.wav', 'text.wav', 'there.wav']);
  });

  it('leaves nothing behind when the disk fills up', async (context) => {
    const disk = join(folder(), 'disk');
    const tried = await withSmallDisk(disk, 256, async () => {
      const input = join(folder(), 'in.wav');
      await writeNoise(input, { seconds: 4, ...stereo });
      // FLAC may become small enough, so it is tried; WAV cannot, so it is refused beforehand.
      for (const format of ['same', 'flac'] as const) {
        const request = { input, output: join(disk, `out.${format}`), settings: settingsOf(format) };
        const { report } = await runPlainJob(request, { models: noModels });
        expect(report.error?.code).toBe('OUTPUT_DISK_FULL');
        expect(await namesIn(disk)).toEqual([]);
      }
      const small = join(folder(), 'small.wav');
      await writeNoise(small, { seconds: 0.5, channels: 1, sampleRateHz: 16_000 });
      const request = { input: small, output: join(disk, 'out.wav') };
      expect((await runPlainJob(request, { models: noModels })).report.status).toBe('done');
      expect((await stat(request.output)).size).toBe(44 + 16_000);
    });
    if (!tried) context.skip('only root can mount a small disk');
  });

  it('exports all the same when only the playback copy cannot be written', async () => {
    const input = join(folder(), 'in.wav');
    await writeNoise(input, { seconds: 0.2, ...stereo });
    const request = { input, output: join(folder(), 'out.wav'), cacheFolder: join(folder(), 'gone') };
    const { report, playback } = await runPlainJob(request, { models: noModels });
    expect(report.status).toBe('done');
    expect(report.warnings?.map(({ code }) => code)).toEqual(['NO_PLAYBACK']);
    expect(playback).toBeNull();
  });
});
