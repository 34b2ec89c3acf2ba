import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Progress } from '../../contract/job.js';
import { voiceFrameCount } from '../dsp/centred-frames.js';
import { probe } from '../io/reading/probe.js';
import { namesIn, testFolder, wavData } from '../job/run-job.fake.js';
import { voiceCodesManifest } from '../models/voice-manifests.fake.js';
import { fakeSynthesis, FakeVoiceHost, type FakeVoiceNets } from '../voice/voice-host.fake.js';
import { writeCodes } from './codes-file.js';
import { decodeCodes, type DecodeRequest } from './decode-codes.js';
import { openCodes } from './open-codes.js';

/** ffprobe is started for what was written, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const folder = testFolder();
const inFolder = (name: string): string => join(folder(), name);
const { first, residual } = voiceCodesManifest().codebooks;

/** Codes that change every 200 ms, of one codebook or two. */
async function writeExample(codebooks: 1 | 2, sampleFrames: number, sampleRateHz: number): Promise<void> {
  const frames = voiceFrameCount(sampleFrames, sampleRateHz) / 2;
  const codes = Uint16Array.from({ length: frames }, (_, frame) => Math.floor(frame / 10) % 4);
  const tracks = [first, residual].map(({ sha256 }) => ({ codebookSha256: sha256, codes }));
  const bytes = writeCodes({ sampleRateHz, sampleFrames, tracks: tracks.slice(0, codebooks) });
  await writeFile(inFolder('a.codes'), bytes);
}

/** Decodes a.codes to a.wav with everything that a test does not say set to the plainest. */
async function decode(request: Partial<DecodeRequest> = {}, models = new FakeVoiceHost()) {
  return decodeCodes(
    {
      ...{ input: inFolder('a.codes'), output: inFolder('a.wav'), overwrite: false },
      ...{ voice: 'neutral', pitch: 'flat', signal: new AbortController().signal },
      onProgress: () => undefined,
      codes: await openCodes(inFolder('a.codes'), models),
      ...request,
    },
    models,
  );
}

describe('decodeCodes', () => {
  it.each([
    [1, 16_000, 160_001],
    [2, 44_100, 99_999],
    [1, 11_025, 1],
  ] as const)('speaks codes of %i codebook(s) at %i Hz as %i samples', async (books, rate, samples) => {
    await writeExample(books, samples, rate);
    const models = new FakeVoiceHost();
    const coded = await decode({}, models);
    expect(coded).toMatchObject({ sampleRateHz: rate, sampleFrames: samples });
    expect(coded.clarity).toBe(books === 1 ? 'strict' : 'balanced');
    expect(await wavData(inFolder('a.wav'))).toHaveLength(2 * samples);
    const { facts } = await probe(inFolder('a.wav'));
    expect(facts).toMatchObject({ channels: 1, sampleRateHz: rate, codec: 'pcm_s16le' });
    expect(models.openSessions).toBe(0);
    expect(await namesIn(folder())).toEqual(['a.codes', 'a.wav']);
  });

  it('speaks alike in the one voice for all, and otherwise with another melody or another voice', async () => {
    await writeExample(2, 64_000, 16_000);
    const sound = async (name: string, request: Partial<DecodeRequest>): Promise<Buffer> => {
      await decode({ ...request, output: inFolder(name) });
      return wavData(inFolder(name));
    };
    const flat = await sound('flat.wav', {});
    const rms = Math.sqrt(
      Array.from({ length: flat.length / 2 }, (_, n) => flat.readInt16LE(2 * n) ** 2).reduce(
        (a, b) => a + b,
      ) /
        (flat.length / 2),
    );
    expect(rms).toBeGreaterThan(10);
    // Dither differs each time by at most one step in each direction.
    expect(largestDifference(flat, await sound('again.wav', {}))).toBeLessThanOrEqual(4);
    expect(largestDifference(flat, await sound('template.wav', { pitch: 'template' }))).toBeGreaterThan(100);
    expect(largestDifference(flat, await sound('random.wav', { voice: 'random' }))).toBeGreaterThan(100);
  });

  it("speaks with a speaker's own voice, as high as they do", async () => {
    await writeExample(1, 48_000, 16_000);
    const voices: number[][] = [];
    const octaves: number[] = [];
    const synthesis: FakeVoiceNets['synthesis'] = (inputs) => {
      voices.push([...inputs['voice']!.data]);
      octaves.push(...inputs['pitch']!.data.filter((value) => value !== 0 && value !== 1));
      return fakeSynthesis(inputs);
    };
    const voice = { vector: Float32Array.of(3, -4), registerHz: 310 };
    const { warnings } = await decode({ voice }, new FakeVoiceHost({ synthesis }));
    expect(warnings.map(({ code }) => code)).toContain('VOICE_KEPT_NOT_PROTECTION');
    expect(voices.length).toBeGreaterThan(0);
    for (const told of voices) expect(told).toEqual([3, -4]);
    expect(octaves.length).toBeGreaterThan(0);
    // Octaves above 2^7.3 Hz.
    for (const told of octaves) expect(told).toBeCloseTo(Math.log2(310) - 7.3, 4);
  });

  it('leaves nothing when it is cancelled half way', async () => {
    await writeExample(1, 160_000, 16_000);
    const controller = new AbortController();
    const models = new FakeVoiceHost();
    const onProgress = ({ processedSeconds }: Progress): void => {
      if (processedSeconds > 0) controller.abort();
    };
    await expect(decode({ signal: controller.signal, onProgress }, models)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(await namesIn(folder())).toEqual(['a.codes']);
    expect(models.openSessions).toBe(0);
  });

  it('replaces an earlier file only when it may', async () => {
    await writeExample(1, 16_000, 16_000);
    await writeFile(inFolder('a.wav'), 'earlier');
    await expect(decode()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(await readFile(inFolder('a.wav'), 'utf8')).toBe('earlier');
    await decode({ overwrite: true });
    expect(await wavData(inFolder('a.wav'))).toHaveLength(32_000);
  });

  it('leaves nothing where the codes were opened and the output cannot be', async () => {
    await writeExample(1, 16_000, 16_000);
    await expect(decode({ output: inFolder('a.codes') })).rejects.toMatchObject({ code: 'INPUT_IS_OUTPUT' });
    await expect(decode({ output: inFolder('none/a.wav') })).rejects.toMatchObject({
      code: 'OUTPUT_FOLDER_MISSING',
    });
    expect(await namesIn(folder())).toEqual(['a.codes']);
  });
});

/** Of two stretches of 16-bit samples. */
function largestDifference(a: Buffer, b: Buffer): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let at = 0; at + 1 < Math.min(a.length, b.length); at += 2) {
    largest = Math.max(largest, Math.abs(a.readInt16LE(at) - b.readInt16LE(at)));
  }
  return largest;
}
