import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { codesDocumentSchema } from '../contract/codes-document.js';
import { readSpeaker } from '../engine/codes/speaker-file.js';
import { writeSpeech } from '../engine/codes/speech-recording.fake.js';
import { writeNoise } from '../engine/io/reading/recordings.fake.js';
import { namesIn, testFolder, wavData } from '../engine/job/run-job.fake.js';
import type { ModelManifest } from '../engine/models/model-manifest.js';
import { voiceCodesManifest, voiceSynthesisManifest } from '../engine/models/voice-manifests.fake.js';
import {
  fakeEncoder,
  fakeSynthesis,
  FakeVoiceHost,
  type FakeVoiceNets,
} from '../engine/voice/voice-host.fake.js';
import { runProgram } from './program.js';
import type { CliRun } from './run-cli.fake.js';

/** ffmpeg is started for every recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const folder = testFolder();
const inFolder = (name: string): string => join(folder(), name);

/** Runs the command line on nets that are functions; names with a dot lie in the test's folder. */
async function run(
  words: string[],
  signal = new AbortController().signal,
  models: FakeVoiceHost = new FakeVoiceHost(),
): Promise<CliRun> {
  const terminal = { stdout: new PassThrough(), stderr: new PassThrough() };
  const there = words.map((word) => (/^\w+\.\w+$/.test(word) ? inFolder(word) : word));
  const code = await runProgram(there, terminal, signal, () => models);
  const textOf = (stream: PassThrough): string => String((stream.read() as Buffer | null) ?? '');
  return { code, stdout: textOf(terminal.stdout), stderr: textOf(terminal.stderr) };
}

const noise = { seconds: 2, channels: 1, sampleRateHz: 16_000 };

describe('encode', () => {
  it('prints one document with --json and nothing else', async () => {
    await writeNoise(inFolder('a.wav'), noise);
    const { code, stdout, stderr } = await run(['encode', 'a.wav', '-o', 'a.codes', '--json']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(codesDocumentSchema.parse(JSON.parse(stdout))).toEqual({
      ...{ schema: 'sotto.codes/1', input: inFolder('a.wav'), output: inFolder('a.codes'), status: 'done' },
      ...{ sampleRateHz: 16_000, sampleFrames: 32_000, clarity: 'strict', warnings: [] },
      sizeBytes: (await readFile(inFolder('a.codes'))).length,
    });
  });

  it('writes progress as JSON lines into a pipe, as sanitize does', async () => {
    await writeNoise(inFolder('a.wav'), noise);
    const { code, stdout } = await run(['encode', 'a.wav', '-o', 'a.codes', '--clarity', 'balanced']);
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events[0]).toBe('start');
    expect(events).toContain('progress');
    expect(events.slice(-2)).toEqual(['file', 'end']);
  });

  it('ends with code 1 and says why where the result is in the way, and with 0 where it may be replaced', async () => {
    await writeNoise(inFolder('a.wav'), noise);
    const words = ['encode', 'a.wav', '-o', 'a.codes'];
    expect((await run(words)).code).toBe(0);
    const again = await run([...words, '--json']);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/failed .*OUTPUT_EXISTS/);
    expect(codesDocumentSchema.parse(JSON.parse(again.stdout))).toMatchObject({
      ...{ status: 'failed', output: null, error: { code: 'OUTPUT_EXISTS' } },
    });
    expect((await run([...words, '--overwrite'])).code).toBe(0);
  });

  it('ends with code 130 and leaves nothing when it is interrupted', async () => {
    // Several runs of the encoder, of which the first is interrupted.
    await writeNoise(inFolder('a.wav'), { ...noise, seconds: 20 });
    const words = ['encode', 'a.wav', '-o', inFolder('new/folder/a.codes')];
    const interrupted = (more: string[]): Promise<CliRun> => {
      const controller = new AbortController();
      const encoder: FakeVoiceNets['encoder'] = (inputs) => {
        controller.abort();
        return fakeEncoder(inputs);
      };
      return run([...words, ...more], controller.signal, new FakeVoiceHost({ encoder }));
    };
    const { code, stdout } = await interrupted(['--json']);
    expect(code).toBe(130);
    expect(codesDocumentSchema.parse(JSON.parse(stdout))).toMatchObject({
      ...{ status: 'skipped', error: { code: 'CANCELLED' } },
    });
    expect(await namesIn(folder())).toEqual(['a.wav']);
    const events = (await interrupted([])).stdout.trim().split('\n');
    const total = (event: string): unknown => (JSON.parse(event) as { total?: object }).total;
    expect(events.map(total)).toContainEqual(expect.objectContaining({ filesEnded: 0, fraction: null }));
    expect(events.map(total)).not.toContainEqual(expect.objectContaining({ fraction: 1 }));
  });

  it('says that a recording is missing before it speaks of models, and makes no folder for it', async () => {
    const words = ['encode', 'gone.wav', '-o', inFolder('new/a.codes'), '--json'];
    const { code, stdout, stderr } = await run(words, undefined, new FakeVoiceHost({}, []));
    expect(stderr).toMatch(/^failed +gone\.wav: Expected a recording.*\[INPUT_NOT_FOUND\]\n$/);
    expect(codesDocumentSchema.parse(JSON.parse(stdout))).toMatchObject({
      ...{ status: 'failed', error: { code: 'INPUT_NOT_FOUND' } },
    });
    expect(code).toBe(1);
    expect(await namesIn(folder())).toEqual([]);
  });

  it.each([
    ['a.txt', /Expected -o to name a file that ends in \.codes/],
    ['a.wav', /ends in \.codes/],
  ])('refuses to write %s', async (output, says) => {
    await writeNoise(inFolder('a.wav'), noise);
    const { code, stderr } = await run(['encode', 'a.wav', '-o', output, '--overwrite']);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
    expect(await namesIn(folder())).toEqual(['a.wav']);
  });
});

describe('a voice that is kept', () => {
  const talks = (at: number): boolean => at % 2 < 1.5;

  it('is written by encode where it is asked for, and spoken with by decode', async () => {
    await writeSpeech(inFolder('a.wav'), 5, () => 130, talks);
    const encoded = await run(['encode', 'a.wav', '-o', 'a.codes', '--speaker', 'a.spk', '--json']);
    expect(encoded.stderr).toBe('');
    expect(codesDocumentSchema.parse(JSON.parse(encoded.stdout))).toMatchObject({
      ...{ status: 'done', output: inFolder('a.codes'), speaker: inFolder('a.spk') },
    });
    expect(await namesIn(folder())).toEqual(['a.codes', 'a.spk', 'a.wav']);
    const voices: number[][] = [];
    const synthesis: FakeVoiceNets['synthesis'] = (inputs) => {
      voices.push([...inputs['voice']!.data]);
      return fakeSynthesis(inputs);
    };
    const words = ['decode', 'a.codes', '-o', 'b.wav', '--voice', 'a.spk', '--pitch', 'flat'];
    const { code } = await run(words, undefined, new FakeVoiceHost({ synthesis }));
    expect(code).toBe(0);
    expect(await wavData(inFolder('b.wav'))).toHaveLength(160_000);
    const { vector } = readSpeaker(await readFile(inFolder('a.spk')));
    expect(voices.length).toBeGreaterThan(0);
    for (const voice of voices) expect(voice).toEqual([...vector]);
  });

  it('ends with code 1 and no result where its file is damaged, cut off or missing', async () => {
    await writeSpeech(inFolder('a.wav'), 3, () => 130, talks);
    await run(['encode', 'a.wav', '-o', 'a.codes', '--speaker', 'a.spk']);
    const bytes = await readFile(inFolder('a.spk'));
    const refused = async (content: Uint8Array | null): Promise<string> => {
      if (content === null) await rm(inFolder('a.spk'));
      else await writeFile(inFolder('a.spk'), content);
      const { code, stderr } = await run(['decode', 'a.codes', '-o', 'b.wav', '--voice', 'a.spk']);
      expect(code).toBe(1);
      expect(await namesIn(folder())).not.toContain('b.wav');
      return stderr;
    };
    const changed = Uint8Array.from(bytes, (value, at) => (at === 52 ? value ^ 1 : value));
    expect(await refused(changed)).toMatch(/Expected a speaker's voice with its checksum.*INPUT_DAMAGED/);
    expect(await refused(bytes.subarray(0, 40))).toMatch(/the file is cut off.*INPUT_DAMAGED/);
    expect(await refused(await readFile(inFolder('a.codes')))).toMatch(
      /another kind of file.*INPUT_UNSUPPORTED/,
    );
    expect(await refused(null)).toMatch(/INPUT_NOT_FOUND/);
  });

  it('is refused with code 2 where another model read it, or where there is no net that could', async () => {
    await writeSpeech(inFolder('a.wav'), 3, () => 130, talks);
    await run(['encode', 'a.wav', '-o', 'a.codes', '--speaker', 'a.spk']);
    const manifest = voiceSynthesisManifest();
    const { reference, ...older } = manifest;
    const decode = (synthesis: ModelManifest): Promise<CliRun> => {
      const models = new FakeVoiceHost({}, [voiceCodesManifest(), synthesis]);
      return run(['decode', 'a.codes', '-o', 'b.wav', '--voice', 'a.spk'], undefined, models);
    };
    const other = await decode({ ...manifest, reference: { ...reference!, sha256: '4'.repeat(64) } });
    expect(other.stderr).toMatch(
      /read by the reference net 44444444 .*found one of 33333333.*MODEL_NOT_FOUND/,
    );
    expect(other.code).toBe(2);
    const none = await decode(older);
    expect(none.stderr).toMatch(/found an export without one/);
    expect(none.code).toBe(2);
    const models = new FakeVoiceHost({}, [voiceCodesManifest(), older]);
    const words = ['encode', 'a.wav', '-o', 'b.codes', '--speaker', 'b.spk'];
    expect((await run(words, undefined, models)).stderr).toMatch(/found an export without one/);
    expect(await namesIn(folder())).toEqual(['a.codes', 'a.spk', 'a.wav']);
  });

  it('leaves nothing where there is too little speech to read it from', async () => {
    await writeNoise(inFolder('a.wav'), noise);
    const folders = [inFolder('new/a.codes'), inFolder('voices/a.spk')] as const;
    const { code, stderr } = await run(['encode', 'a.wav', '-o', folders[0], '--speaker', folders[1]]);
    expect(stderr).toMatch(/at least 0\.50 s of speech.*INPUT_UNSUPPORTED/);
    expect(code).toBe(1);
    expect(await namesIn(folder())).toEqual(['a.wav']);
  });
});

describe('decode', () => {
  const voice = ['--voice', 'random', '--pitch', 'template'];

  it('speaks what encode wrote, as long as the recording was', async () => {
    await writeNoise(inFolder('a.wav'), noise);
    expect((await run(['encode', 'a.wav', '-o', 'a.codes'])).code).toBe(0);
    const { code, stdout, stderr } = await run(['decode', 'a.codes', '-o', 'b.wav', ...voice, '--json']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(codesDocumentSchema.parse(JSON.parse(stdout))).toMatchObject({
      ...{ input: inFolder('a.codes'), output: inFolder('b.wav'), status: 'done', sampleFrames: 32_000 },
    });
    expect(await wavData(inFolder('b.wav'))).toHaveLength(64_000);
  });

  it('says that a file is missing before it speaks of models', async () => {
    const words = ['decode', 'gone.codes', '-o', inFolder('new/b.wav'), ...voice];
    const { code, stderr } = await run(words, undefined, new FakeVoiceHost({}, []));
    expect(stderr).toMatch(/gone\.codes.*\[INPUT_NOT_FOUND\]\n$/);
    expect(code).toBe(1);
    expect(await namesIn(folder())).toEqual([]);
  });

  it('ends with code 1 and leaves nothing where the codes are damaged', async () => {
    await writeNoise(inFolder('a.wav'), noise);
    await run(['encode', 'a.wav', '-o', 'a.codes']);
    const bytes = await readFile(inFolder('a.codes'));
    await writeFile(inFolder('a.codes'), bytes.subarray(0, -1));
    const { code, stderr } = await run(['decode', 'a.codes', '-o', 'b.wav', ...voice]);
    expect(stderr).toMatch(/failed .*the file is cut off.*INPUT_DAMAGED/);
    expect(code).toBe(1);
    expect(await namesIn(folder())).toEqual(['a.codes', 'a.wav']);
  });
});
