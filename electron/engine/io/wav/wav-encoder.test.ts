import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AtomicFile } from '../atomic-file.js';
import { proveFile } from '../output-proof.js';
import { bytesOf, decodeFile, integerNoise, interleaved, probeFile } from '../written-file.fake.js';
import { WavEncoder } from './wav-encoder.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-wav-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Writes with a limit of 20 kB in place of 4 GB. */
async function writeSmallLimit(expectedSampleFrames: number | null, frames: number): Promise<string> {
  const path = join(folder, 'a.wav');
  const file = await AtomicFile.create(path, { overwrite: true });
  const stream = { sampleRateHz: 48000, channels: 3 };
  const signal = new AbortController().signal;
  const encoder = new WavEncoder(
    file,
    'wav24',
    { stream, expectedSampleFrames, dither: false, signal },
    20_000,
  );
  await encoder.write(integerNoise(24, 3, frames));
  await encoder.finish(frames);
  await file.close();
  await file.commit();
  return path;
}

describe('WavEncoder', () => {
  it.each([
    ['small as expected', 1001, 1001, 'RIFF'],
    ['large as expected', 5001, 5001, 'RF64'],
    ['large without a guess', null, 5001, 'RF64'],
    ['large against the guess', 1001, 5001, 'RF64'],
    ['small against the guess', 5001, 1001, 'RIFF'],
  ])('gives a file that is %s the right head, and every sample', async (_, expected, frames, id) => {
    const path = await writeSmallLimit(expected, frames);
    const bytes = bytesOf(path);
    expect(bytes.toString('latin1', 0, 4)).toBe(id);
    expect(bytes.length).toBe((id === 'RF64' ? 104 : 68) + frames * 9 + (frames % 2));
    const { facts } = await proveFile(path, 'wav24');
    expect(facts).toEqual({ sampleRateHz: 48000, channels: 3, sampleFrames: frames });
    expect([...decodeFile(path)]).toEqual(interleaved(integerNoise(24, 3, frames)));
    expect(probeFile(path)).toMatchObject({ channels: 3, sampleRateHz: 48000, codec: 'pcm_s24le' });
  });
});
