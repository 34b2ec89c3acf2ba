import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { codesDocumentSchema } from '../contract/codes-document.js';
import { writeNoise } from '../engine/io/reading/recordings.fake.js';
import { namesIn, testFolder, wavData } from '../engine/job/run-job.fake.js';
import { fakeEncoder, FakeVoiceHost, type FakeVoiceNets } from '../engine/voice/voice-host.fake.js';
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
