import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { chainSettingsSchema, type ChainSettings } from '../../contract/chain.js';
import type { Preview, Stretch } from '../../contract/preview.js';
import { writeSpeech } from '../codes/speech-recording.fake.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { modelsRoot } from '../models/manifests.js';
import { FakeModelHost, passAll } from '../models/model-host.fake.js';
import type { ModelHost } from '../models/model-host.js';
import { fakeSynthesis, FakeVoiceHost } from '../voice/voice-host.fake.js';
import { prepareInput, type PreparedInput } from './prepare.js';
import { renderPreview, type PreviewRequest } from './render-preview.js';
import { decodeRaw, namesIn, runPlainJob, settingsOf, testFolder } from './run-job.fake.js';

/** ffmpeg is started for every recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

/** Chunks are cut elsewhere, and ONNX Runtime adds up in another order; a step of 16 bits is 3e-5. */
const tolerance = 1e-5;

const demo = join(import.meta.dirname, '..', '..', '..', 'assets', 'demo');
const interview = join(demo, 'interview-in-the-street.wav');
const installed = new DirectModelHost(modelsRoot());
afterAll(() => installed.close());
const folder = testFolder();
const never = new AbortController().signal;

async function prepared(path: string): Promise<PreparedInput> {
  return await prepareInput({ path, cacheFolder: folder(), signal: never, onProgress: () => undefined });
}

async function preview(
  { playback }: PreparedInput,
  stretch: Stretch,
  chain: ChainSettings,
  more: Partial<PreviewRequest> & { models?: ModelHost } = {},
): Promise<{ answer: Preview; heard: Float32Array; cacheFolder: string }> {
  const cacheFolder = join(folder(), 'preview');
  await mkdir(cacheFolder);
  const request = {
    ...{ source: join(folder(), 'raw.pcm'), playback, stretch, chain, cacheFolder },
    ...{ signal: never, onProgress: () => undefined, ...more },
  };
  const answer = await renderPreview(request, more.models ?? installed);
  return { answer, heard: floats(await readFile(join(cacheFolder, 'preview.pcm'))), cacheFolder };
}

function floats(bytes: Buffer): Float32Array {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

async function exported(input: string, chain: ChainSettings): Promise<Float32Array> {
  const output = join(folder(), 'out.wav');
  const { report } = await runPlainJob(
    { input, output, settings: settingsOf('wav32f', chain) },
    { models: installed },
  );
  expect(report.status).toBe('done');
  return floats(await decodeRaw(output, 'f32le'));
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((worst, value, n) => Math.max(worst, Math.abs(value - b[n]!)), 0);
}

describe('renderPreview', () => {
  const chains: [string, unknown][] = [
    ['enhance', { enhance: { strength: 1, level: 'fp32' } }],
    ['enhance at a part of its strength', { enhance: { strength: 0.6, level: 'phi25' } }],
    ['a disguise that is always the same', { disguise: { strength: 1, alpha: 0.7 } }],
    ['both', { enhance: { strength: 1, level: 'fp32' }, disguise: { strength: 1, alpha: 0.8 } }],
  ];

  it.each(chains)('gives the samples of the export: %s', async (_name, settings) => {
    const chain = chainSettingsSchema.parse(settings);
    const recording = await prepared(interview);
    const { sampleRateHz, channels, sampleFrames } = recording.playback;
    // No multiple of any hop, and far enough from the start for something to be left out.
    const startFrame = Math.round(0.6 * sampleFrames) + 13;
    const stretch = { startFrame, endFrame: startFrame + 2 * sampleRateHz + 7 };
    expect(startFrame).toBeGreaterThan(3 * sampleRateHz);
    const { answer, heard } = await preview(recording, stretch, chain);
    const whole = await exported(interview, chain);
    const part = whole.subarray(stretch.startFrame * channels, stretch.endFrame * channels);
    expect(largestDifference(heard, part)).toBeLessThan(tolerance);
    expect(answer.playback).toMatchObject({ sampleRateHz, channels, sampleFrames: heard.length / channels });
    // The comparison means something only if the chain does something.
    const raw = floats(await readFile(join(folder(), 'raw.pcm')));
    expect(
      largestDifference(heard, raw.subarray(stretch.startFrame * channels, stretch.endFrame * channels)),
    ).toBeGreaterThan(0.01);
  });

  it('computes the stretch and what the chain needs around it, not the recording', async () => {
    const recording = await prepared(interview);
    const { sampleRateHz, sampleFrames } = recording.playback;
    const models = new FakeModelHost(passAll);
    const stretch = { startFrame: 5 * sampleRateHz, endFrame: 6 * sampleRateHz };
    let seconds = 0;
    await preview(
      recording,
      stretch,
      { enhance: { strength: 1, level: 'fp32' } },
      {
        models,
        onProgress: ({ processedSeconds }) => (seconds = Math.max(seconds, processedSeconds)),
      },
    );
    expect(seconds).toBeGreaterThanOrEqual(4);
    expect(seconds).toBeLessThan(4.1);
    expect(sampleFrames / sampleRateHz).toBeGreaterThan(8);
    expect(models.openSessions).toBe(0);
  });

  it('takes the ends of a recording as they are', async () => {
    const recording = await prepared(interview);
    const { sampleFrames, channels } = recording.playback;
    const whole = { startFrame: 0, endFrame: sampleFrames };
    const chain = { enhance: { strength: 1, level: 'fp32' } };
    const { heard } = await preview(recording, whole, chain);
    expect(heard).toHaveLength(sampleFrames * channels);
    expect(largestDifference(heard, await exported(interview, chain))).toBeLessThan(tolerance);
  });

  it('measures the loudness of the stretch, and writes nothing but the copy', async () => {
    const recording = await prepared(interview);
    const { sampleRateHz } = recording.playback;
    const stretch = { startFrame: 0, endFrame: 4 * sampleRateHz };
    const { answer, cacheFolder } = await preview(recording, stretch, {
      enhance: { strength: 1, level: 'fp32' },
    });
    expect(answer.loudness.method).toBe('gated');
    expect(answer.loudness.resultLufs).toBeLessThan(answer.loudness.rawLufs ?? 0);
    expect(await namesIn(cacheFolder)).toEqual(['preview.pcm']);
    expect(await namesIn(folder())).toEqual(['preview', 'raw.pcm', 'raw.peaks']);
  });

  it('says F0 of raw and of what is heard where the voice is changed, as an export does', async () => {
    const recording = await prepared(interview);
    const { sampleRateHz, sampleFrames } = recording.playback;
    const chain = chainSettingsSchema.parse({ disguise: { strength: 1, alpha: 0.7 } });
    const stretch = { startFrame: 2 * sampleRateHz, endFrame: 8 * sampleRateHz };
    const { answer, cacheFolder } = await preview(recording, stretch, chain);
    const f0 = floats(await readFile(join(cacheFolder, 'preview.f0')));
    expect(answer.playback.f0Frames).toBe(600);
    expect(f0).toHaveLength(2 * 600);
    const bothVoiced = Array.from({ length: 600 }, (_, frame) => f0.slice(2 * frame, 2 * frame + 2)).filter(
      ([raw, heard]) => raw! > 0 && heard! > 0,
    );
    expect(bothVoiced.length).toBeGreaterThan(100);
    expect(f0.some(Number.isNaN)).toBe(true);

    const request = {
      input: interview,
      output: join(folder(), 'out.wav'),
      settings: settingsOf('wav24', chain),
    };
    const result = await runPlainJob({ ...request, cacheFolder: folder() }, { models: installed });
    const whole = floats(await readFile(join(folder(), 'result.f0')));
    expect(result.playback?.f0Frames).toBe(whole.length / 2);
    expect(whole.length / 2).toBe(2 * Math.ceil((50 * sampleFrames) / sampleRateHz));
    // Far from the ends of the stretch both know as much.
    const same = [...f0.slice(200, 1000)].filter((hz, n) => Object.is(hz, whole[n + 200 + 2 * 200]));
    expect(same.length).toBeGreaterThan(700);
  });

  it('leaves no copy behind when F0 cannot be written', async () => {
    const recording = await prepared(interview);
    // In the way of the file.
    await mkdir(join(folder(), 'preview', 'preview.f0'), { recursive: true });
    const rendering = renderPreview(
      {
        ...{ source: join(folder(), 'raw.pcm'), playback: recording.playback },
        ...{ stretch: { startFrame: 0, endFrame: 1000 }, cacheFolder: join(folder(), 'preview') },
        chain: chainSettingsSchema.parse({ disguise: { strength: 1, alpha: 0.7 } }),
        ...{ signal: never, onProgress: () => undefined },
      },
      installed,
    );
    await expect(rendering).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
    expect(await namesIn(join(folder(), 'preview'))).toEqual(['preview.f0']);
  });

  it.each([
    ['neutral', 'VOICE_ONE'],
    ['keep', 'VOICE_KEPT_NOT_PROTECTION'],
  ] as const)(
    'says of a voice that is %s what is always so, and nothing that was counted',
    async (mode, what) => {
      const recording = await prepared(interview);
      const { sampleRateHz } = recording.playback;
      const chain = chainSettingsSchema.parse({ voice: { mode } });
      const stretch = { startFrame: 0, endFrame: sampleRateHz };
      const { answer } = await preview(recording, stretch, chain, { models: new FakeVoiceHost() });
      expect(answer.warnings.map(({ code }) => code)).toEqual([what, 'VOICE_BAND', 'VOICE_MONO']);
    },
  );

  it.each([
    ['keeps the voice of a word by what is said up to 4 s after it', 3.5, []],
    ['says so where the neutral voice speaks, too little being said until then', 9, ['VOICE_NOT_KEPT']],
  ] as const)('%s', async (_name, restSeconds, notKept) => {
    const path = join(folder(), 'a.wav');
    const talks = (at: number): boolean => (at >= 1 && at < 1.3) || at >= restSeconds;
    await writeSpeech(path, restSeconds + 1.5, () => 120, talks);
    const voices: number[][] = [];
    const models = new FakeVoiceHost({
      reference: () => Float32Array.of(7, -7),
      synthesis: (inputs) => {
        voices.push([...inputs['voice']!.data]);
        return fakeSynthesis(inputs);
      },
    });
    const chain = chainSettingsSchema.parse({ voice: { mode: 'keep' } });
    const stretch = { startFrame: 8000, endFrame: 24_000 };
    const { answer } = await preview(await prepared(path), stretch, chain, { models });
    expect(answer.warnings.map(({ code }) => code)).toEqual(['VOICE_KEPT_NOT_PROTECTION', ...notKept]);
    // The stretch lies within what the first run says.
    expect(voices[0]![0] === 7).toBe(notKept.length === 0);
  });

  it('ends within a block when it is cancelled, and leaves nothing', async () => {
    const recording = await prepared(interview);
    const cancelling = new AbortController();
    const rendering = preview(
      recording,
      { startFrame: 0, endFrame: recording.playback.sampleFrames },
      {},
      {
        signal: cancelling.signal,
        onProgress: ({ processedSeconds }) => {
          if (processedSeconds > 0) cancelling.abort();
        },
      },
    );
    await expect(rendering).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await namesIn(join(folder(), 'preview'))).toEqual([]);
  });

  it('says what to do about a stretch outside of the recording, a net or a copy that is gone', async () => {
    const recording = await prepared(interview);
    const { sampleFrames } = recording.playback;
    const render = (more: Partial<PreviewRequest>): Promise<Preview> =>
      renderPreview(
        {
          ...{ source: join(folder(), 'raw.pcm'), playback: recording.playback, chain: {} },
          ...{ stretch: { startFrame: 0, endFrame: 100 }, cacheFolder: folder() },
          ...{ signal: never, onProgress: () => undefined, ...more },
        },
        installed,
      );
    const outside = render({ stretch: { startFrame: 0, endFrame: sampleFrames + 1 } });
    await expect(outside).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: /Select it again/ });
    const gone = render({ source: join(folder(), 'nothing.pcm') });
    await expect(gone).rejects.toMatchObject({ code: 'INPUT_UNREADABLE', message: /add it again/ });
    const cut = render({
      playback: { ...recording.playback, sampleFrames: 2 * sampleFrames },
      stretch: { startFrame: sampleFrames, endFrame: sampleFrames + 5 },
    });
    await expect(cut).rejects.toMatchObject({ code: 'INPUT_UNREADABLE' });
    const noNet = render({ chain: { enhance: { strength: 1, level: 'never' } } });
    await expect(noNet).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(await namesIn(folder())).toEqual(['raw.pcm', 'raw.peaks']);
  });
});
