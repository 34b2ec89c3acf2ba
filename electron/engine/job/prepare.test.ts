import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../contract/job.js';
import { packSamples, wavFile, writeNoise } from '../io/reading/recordings.fake.js';
import { prepareInput, type PreparedInput } from './prepare.js';
import { decodeRaw, namesIn, testFolder } from './run-job.fake.js';

const folder = testFolder();

function prepare(
  name: string,
  onProgress: (progress: Progress) => void = () => undefined,
  signal = new AbortController().signal,
): Promise<PreparedInput> {
  return prepareInput({ path: join(folder(), name), cacheFolder: folder(), signal, onProgress });
}

describe('prepareInput', () => {
  it('decodes once into samples, peaks and facts, and tells how far it is', async () => {
    await writeNoise(join(folder(), 'in.wav'), { seconds: 2, channels: 2, sampleRateHz: 44_100 });
    const told: Progress[] = [];
    const { facts, playback, warnings } = await prepare('in.wav', (progress) => told.push(progress));
    expect(facts).toMatchObject({ container: 'wav', sampleRateHz: 44_100, channels: 2 });
    expect(playback).toMatchObject({ sampleFrames: 88_200, channels: 2, sampleRateHz: 44_100 });
    expect(warnings).toEqual([]);
    const pcm = await readFile(join(folder(), 'raw.pcm'));
    expect(pcm.equals(await decodeRaw(join(folder(), 'in.wav'), 'f32le'))).toBe(true);
    const bins = Math.ceil(88_200 / playback.samplesPerPeak);
    expect(await readFile(join(folder(), 'raw.peaks'))).toHaveLength(bins * 2 * 2 * 2);
    expect(told.map(({ phase }) => phase)).toEqual(told.map(() => 'prepare'));
    expect(told.at(-1)).toMatchObject({ fraction: 1, processedSeconds: 2 });
  });

  it('shows samples that are no numbers as silence, and says so', async () => {
    const data = packSamples([0.5, Number.NaN, -0.5], 'f32');
    await writeFile(
      join(folder(), 'nan.wav'),
      wavFile({ sample: 'f32', channels: 1, sampleRateHz: 8000, data }),
    );
    const { warnings } = await prepare('nan.wav');
    expect(warnings.map(({ code }) => code)).toContain('NON_FINITE');
    expect((await readFile(join(folder(), 'raw.pcm'))).readFloatLE(4)).toBe(0);
  });

  it('leaves nothing behind when it is cancelled or the recording is none', async () => {
    await writeNoise(join(folder(), 'in.wav'), { seconds: 20, channels: 2, sampleRateHz: 48_000 });
    const controller = new AbortController();
    const cancelled = prepare('in.wav', () => controller.abort(), controller.signal);
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    await writeFile(join(folder(), 'text.wav'), 'no sound');
    await expect(prepare('text.wav')).rejects.toMatchObject({ code: 'INPUT_NOT_AUDIO' });
    expect(await namesIn(folder())).toEqual(['in.wav', 'text.wav']);
  });
});
