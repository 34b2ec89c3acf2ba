import { writeFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Progress } from '../../contract/job.js';
import { writeNoise } from '../io/reading/recordings.fake.js';
import { openReader } from '../io/reading/open-reader.js';
import { namesIn, testFolder } from '../job/run-job.fake.js';
import { voiceCodesManifest, voiceSynthesisManifest } from '../models/voice-manifests.fake.js';
import { VoiceEncoder } from '../voice/voice-encoder.js';
import { FakeVoiceHost } from '../voice/voice-host.fake.js';
import { readCodes } from './codes-file.js';
import { readSpeaker } from './speaker-file.js';
import { writeSpeech } from './speech-recording.fake.js';
import { encodeRecording, type EncodeRequest } from './encode-recording.js';

/** ffmpeg is started for every recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const folder = testFolder();
const inFolder = (name: string): string => join(folder(), name);
const { first, residual } = voiceCodesManifest().codebooks;
const codebooks = [first.sha256, residual.sha256];

/** Encodes a.wav to a.codes with everything that a test does not say set to the plainest. */
function encode(request: Partial<EncodeRequest> = {}, models = new FakeVoiceHost()) {
  return encodeRecording(
    {
      ...{ input: inFolder('a.wav'), output: inFolder('a.codes'), overwrite: false },
      ...{ clarity: 'strict', level: 'edge', signal: new AbortController().signal },
      onProgress: () => undefined,
      ...request,
    },
    models,
  );
}

/** Several runs of the encoder. */
const noise = { seconds: 11, channels: 2, sampleRateHz: 44_100 };

describe('encodeRecording', () => {
  it('refuses a rate that no file of codes can hold before it listens', async () => {
    await writeNoise(inFolder('a.wav'), { seconds: 0.1, channels: 1, sampleRateHz: 384_000 });
    const models = new FakeVoiceHost();
    await expect(encode({}, models)).rejects.toMatchObject({ code: 'INPUT_UNSUPPORTED' });
    expect(models.runs).toEqual([]);
    expect(await namesIn(folder())).toEqual(['a.wav']);
  });

  it('writes the codes that the encoder hears, the exact length, and nothing else', async () => {
    await writeNoise(inFolder('a.wav'), noise);
    const models = new FakeVoiceHost();
    const coded = await encode({ clarity: 'balanced' }, models);
    const bytes = await readFile(inFolder('a.codes'));
    const { tracks, ...length } = readCodes(bytes);
    expect(tracks.map(({ codebookSha256 }) => codebookSha256)).toEqual(codebooks);
    expect(length).toEqual({ sampleRateHz: 44_100, sampleFrames: 11 * 44_100 });
    expect(coded).toMatchObject({ ...length, clarity: 'balanced', sizeBytes: bytes.length, warnings: [] });

    const reader = await openReader(inFolder('a.wav'), { precision: 'float32' });
    const format = { sampleRateHz: 44_100, channels: 2 };
    const { signal } = new AbortController();
    const encoder = await VoiceEncoder.open({ models, level: 'edge', format, signal });
    const heard = [];
    for await (const block of reader.blocks(10_000)) heard.push(...(await encoder.push(block)));
    heard.push(...(await encoder.finish()));
    encoder.close();
    reader.close();
    expect([...tracks[0]!.codes]).toEqual(heard.map((frame) => frame.first));
    expect([...tracks[1]!.codes]).toEqual(heard.map((frame) => frame.residual));
    expect(new Set(tracks[0]!.codes).size).toBeGreaterThan(1);
    expect(models.openSessions).toBe(0);
    expect(await namesIn(folder())).toEqual(['a.codes', 'a.wav']);
  });

  it('writes one codebook where the clarity is strict, the same bytes every time', async () => {
    await writeNoise(inFolder('a.wav'), { ...noise, seconds: 1 });
    await encode();
    await encode({ output: inFolder('b.codes') });
    const bytes = await readFile(inFolder('a.codes'));
    expect(readCodes(bytes).tracks).toHaveLength(1);
    expect(bytes.equals(await readFile(inFolder('b.codes')))).toBe(true);
  });

  it("writes the speaker's voice only where it is asked for, the mean of all that was said", async () => {
    const talks = (at: number): boolean => at % 3 < 2;
    await writeSpeech(inFolder('a.wav'), 13, (at) => (at < 6 ? 100 : 200), talks);
    let number = 0;
    const models = new FakeVoiceHost({ reference: () => Float32Array.of(number++, 7) });
    await encode({}, models);
    expect(await namesIn(folder())).toEqual(['a.codes', 'a.wav']);
    expect(number).toBe(0);
    const plain = await readFile(inFolder('a.codes'));
    const speaker = inFolder('a.spk');
    await encode({ speaker, overwrite: true }, models);
    expect(await namesIn(folder())).toEqual(['a.codes', 'a.spk', 'a.wav']);
    // Permissions of Windows are others.
    if (process.platform !== 'win32') expect((await stat(speaker)).mode & 0o777).toBe(0o600);
    expect(plain.equals(await readFile(inFolder('a.codes')))).toBe(true);
    const { vector, registerHz, referenceSha256 } = readSpeaker(await readFile(speaker));
    expect(referenceSha256).toBe(voiceSynthesisManifest().reference!.sha256);
    // Three times what stands in for the first 2 s, then windows 3 to 6 of 2 s each, and 7 of the second that is left of nine.
    expect(number).toBe(3 + 4 + 1);
    const share = (3 + 4 + 5 + 6 - 4 * vector[0]!) / (vector[0]! - 7);
    // What is found of speech differs by some hundredths at its ends.
    expect(share).toBeCloseTo(0.5, 1);
    expect(vector[1]).toBeCloseTo(7, 5);
    expect(registerHz).toBeGreaterThan(125);
    expect(registerHz).toBeLessThan(175);
    expect(models.openSessions).toBe(0);
  });

  it('writes nothing at all where a speaker is asked for and hardly speaks, or is in the way', async () => {
    await writeSpeech(
      inFolder('a.wav'),
      3,
      () => 120,
      (at) => at < 0.2,
    );
    const speaker = inFolder('a.spk');
    await expect(encode({ speaker })).rejects.toMatchObject({
      code: 'INPUT_UNSUPPORTED',
      message: expect.stringMatching(/at least 0\.50 s of speech .*Leave --speaker out/) as string,
    });
    expect(await namesIn(folder())).toEqual(['a.wav']);
    await writeFile(speaker, 'earlier');
    await expect(encode({ speaker })).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    await expect(encode({ speaker: inFolder('a.wav'), overwrite: true })).rejects.toMatchObject({
      code: 'INPUT_IS_OUTPUT',
    });
    expect(await readFile(speaker, 'utf8')).toBe('earlier');
    expect(await namesIn(folder())).toEqual(['a.spk', 'a.wav']);
  });

  it('leaves no codes where somebody takes the name of the voice while it listens', async () => {
    await writeSpeech(inFolder('a.wav'), 3, () => 120);
    const speaker = inFolder('a.spk');
    const onProgress = (): void => {
      writeFileSync(speaker, 'of somebody else');
    };
    await expect(encode({ speaker, onProgress })).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(await namesIn(folder())).toEqual(['a.spk', 'a.wav']);
    expect(await readFile(speaker, 'utf8')).toBe('of somebody else');
  });

  it('replaces an earlier file only when it may', async () => {
    await writeNoise(inFolder('a.wav'), { ...noise, seconds: 1 });
    await writeFile(inFolder('a.codes'), 'earlier');
    await expect(encode()).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(await readFile(inFolder('a.codes'), 'utf8')).toBe('earlier');
    await encode({ overwrite: true });
    expect(readCodes(await readFile(inFolder('a.codes'))).sampleFrames).toBe(44_100);
    await expect(encode({ output: inFolder('a.wav'), overwrite: true })).rejects.toMatchObject({
      code: 'INPUT_IS_OUTPUT',
    });
  });

  it.each([
    ['the first block', () => true],
    ['the end', ({ fraction }: Progress) => fraction === 1],
  ])('leaves nothing when it is cancelled at %s', async (_when, isTime) => {
    await writeNoise(inFolder('a.wav'), noise);
    const controller = new AbortController();
    const models = new FakeVoiceHost();
    const onProgress = (progress: Progress): void => {
      if (isTime(progress)) controller.abort();
    };
    await expect(encode({ signal: controller.signal, onProgress }, models)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(await namesIn(folder())).toEqual(['a.wav']);
    expect(models.openSessions).toBe(0);
  });

  it('leaves nothing where the recording or the models cannot be used', async () => {
    await writeFile(inFolder('a.wav'), 'no sound');
    await expect(encode()).rejects.toMatchObject({ code: 'INPUT_NOT_AUDIO' });
    await writeNoise(inFolder('a.wav'), { ...noise, seconds: 1 });
    await expect(encode({ level: 'paper' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(await namesIn(folder())).toEqual(['a.wav']);
  });
});
