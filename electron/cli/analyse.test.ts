import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { lanesDocumentSchema, type LanesDocument } from '../contract/lanes.js';
import { writeTinyGatedModel } from '../engine/analysis/tiny-gated-model.fake.js';
import { packSamples, randomIntegers, wavFile, writeNoise } from '../engine/io/reading/recordings.fake.js';
import { namesIn, testFolder } from '../engine/job/run-job.fake.js';
import { DirectModelHost } from '../engine/models/direct-model-host.js';
import { writeTinyModel } from '../engine/models/tiny-model.fake.js';
import { runProgram } from './program.js';
import { runHere, type CliRun } from './run-cli.fake.js';

/** ffmpeg is started for every recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const folder = testFolder();
const inFolder = (...names: string[]): string => join(folder(), ...names);
const mono = { channels: 1, sampleRateHz: 16_000 };

/** Runs `analyse` on a tiny gated net; names of files in the test's folder are made whole. */
async function analyse(...words: string[]): Promise<CliRun> {
  writeTinyGatedModel(inFolder('models'));
  const there = words.map((word) => (word.startsWith('--') ? word : inFolder(word)));
  return runHere(['analyse', ...there], folder(), inFolder('models'));
}

function documentOf(text: string): LanesDocument {
  return lanesDocumentSchema.parse(JSON.parse(text));
}

describe('analyse', () => {
  it('prints every lane of every recording as one document, with as many values as there are frames', async () => {
    await mkdir(inFolder('in'));
    await writeNoise(inFolder('in', 'a.wav'), { seconds: 2, channels: 2, sampleRateHz: 48_000 });
    await writeNoise(inFolder('in', 'b.wav'), { ...mono, seconds: 1 });
    const { code, stdout, stderr } = await analyse('in', '--json');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { files } = documentOf(stdout);
    expect(files.map(({ input }) => basename(input))).toEqual(['a.wav', 'b.wav']);
    expect(files.map(({ frameSeconds }) => frameSeconds)).toEqual([768 / 48_000, 256 / 16_000]);
    files.forEach(({ lanes, events, summary }, i) => {
      const frames = Math.ceil([96_000 / 768, 16_000 / 256][i]!) + 1;
      const { speech, f0Hz, snrDb, noise } = lanes!;
      expect([speech, f0Hz, snrDb, noise.index].map((lane) => lane.length)).toEqual(Array(4).fill(frames));
      expect(noise.labels).toEqual(['traffic', 'rain']);
      expect(speech.some((value) => value !== null)).toBe(true);
      expect(events).toEqual([]);
      expect(summary!.seconds).toBe([2, 1][i]);
    });
  });

  it('says it in words without --json', async () => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 1 });
    const { code, stdout } = await analyse('a.wav');
    expect(stdout).toMatch(/^a\.wav\n {2}length {3}0:01\n {2}speech +\d:\d\d \(\d+ %\)\n {2}noise/);
    expect(code).toBe(0);
  });

  it('writes the document into a file, whole, and tells its progress in lines meanwhile', async () => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 1 });
    const { code, stdout } = await analyse('a.wav', '--json', 'new/lanes.json');
    expect(code).toBe(0);
    expect(documentOf(await readFile(inFolder('new', 'lanes.json'), 'utf8')).files).toHaveLength(1);
    expect(await namesIn(inFolder('new'))).toEqual(['lanes.json']);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events).toEqual(expect.arrayContaining(['start', 'progress', 'file', 'end']));
  });

  it('takes a recording after --json for a recording, in its place, and never writes to it', async () => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.2 });
    await writeNoise(inFolder('b.wav'), { ...mono, seconds: 0.2 });
    const before = await readFile(inFolder('b.wav'));
    for (const [words, order] of [
      [
        ['a.wav', '--json', 'b.wav'],
        ['a.wav', 'b.wav'],
      ],
      [
        ['--json', 'b.wav', 'a.wav'],
        ['b.wav', 'a.wav'],
      ],
      [['--json', 'b.wav'], ['b.wav']],
    ] as const) {
      const { files } = documentOf((await analyse(...words)).stdout);
      expect(files.map(({ input }) => basename(input))).toEqual(order);
    }
    expect((await readFile(inFolder('b.wav'))).equals(before)).toBe(true);
  });

  it('refuses a place for the document that would replace a recording, before anything is read', async () => {
    await writeNoise(inFolder('a.json'), { ...mono, seconds: 0.2 });
    const { code, stderr } = await analyse('a.json', '--json', 'a.json');
    expect(stderr).toMatch(/Expected --json to name a file of its own; found the source/);
    expect(code).toBe(2);
  });

  it('answers every kind of bad input in its place, with exit code 1, and analyses the good ones', async () => {
    const sound = packSamples(randomIntegers(8000, 16, 2), 's16');
    const good = wavFile({ ...mono, sample: 's16', data: sound });
    const floats = (value: number): Buffer =>
      wavFile({ ...mono, sample: 'f32', data: packSamples(new Float32Array(8000).fill(value), 'f32') });
    await writeFile(inFolder('empty.wav'), '');
    await writeFile(inFolder('text.wav'), 'These are words, not sound.\n'.repeat(50));
    await writeFile(inFolder('no-samples.wav'), wavFile({ ...mono, sample: 's16', data: Buffer.alloc(0) }));
    await writeFile(inFolder('cut.wav'), good.subarray(0, 3000));
    await writeFile(inFolder('one.wav'), wavFile({ ...mono, sample: 's16', data: sound.subarray(0, 2) }));
    await writeFile(inFolder('silent.wav'), wavFile({ ...mono, sample: 's16', data: Buffer.alloc(8000) }));
    await writeFile(inFolder('nan.wav'), floats(Number.NaN));
    await writeFile(inFolder('huge.wav'), floats(3e38));
    await mkdir(inFolder('no-recordings'));
    const names = [
      ...['empty.wav', 'text.wav', 'gone.wav', 'no-recordings', 'no-samples.wav', 'cut.wav', 'one.wav'],
      ...['silent.wav', 'nan.wav', 'huge.wav'],
    ];
    const { code, stdout, stderr } = await analyse(...names, '--json');
    const { files } = documentOf(stdout);
    expect(files.map(({ input, error }) => `${basename(input)} ${error?.code ?? 'done'}`)).toEqual([
      ...['empty.wav INPUT_EMPTY', 'text.wav INPUT_NOT_AUDIO', 'gone.wav INPUT_NOT_FOUND'],
      ...['no-recordings INPUT_NOT_FOUND', 'no-samples.wav INPUT_NO_SAMPLES', 'cut.wav done', 'one.wav done'],
      ...['silent.wav done', 'nan.wav done', 'huge.wav INPUT_DAMAGED'],
    ]);
    expect(code).toBe(1);
    for (const { error, lanes } of files) {
      if (error === undefined) continue;
      expect(error.message).toMatch(/^Expected .*found/s);
      expect(lanes).toBeUndefined();
    }
    for (const silent of [files[7], files[8]]) {
      expect(silent?.lanes?.speech.every((value) => value === null)).toBe(true);
      expect(silent?.summary).toMatchObject({ speechSeconds: 0, noise: [], snrDb: null, f0Hz: null });
      expect(silent?.summary?.unknownSeconds).toBe(silent?.summary?.seconds);
    }
    expect(stderr).toMatch(/failed +empty\.wav/);
    const said = await analyse('empty.wav', 'one.wav', 'cut.wav');
    expect(said.stderr, 'the words say it').not.toContain('empty.wav');
    const words = said.stdout;
    expect(words).toMatch(
      /empty\.wav\n {2}cannot be analysed: Expected .* \[INPUT_EMPTY\]\n\none\.wav\n {2}length/s,
    );
    expect(words, 'a file that was cut off').toMatch(/^cut\.wav\n(?: {2}.*\n)* {2}note +\S/m);
  });

  it('says what failed once, in the words at the end, where a person watches the bar', async () => {
    writeTinyGatedModel(inFolder('models'));
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.2 });
    await writeFile(inFolder('empty.wav'), '');
    const screen = Object.assign(new PassThrough(), { isTTY: true });
    const terminal = { stdout: new PassThrough(), stderr: screen };
    const models = new DirectModelHost(inFolder('models'));
    const words = ['analyse', inFolder('a.wav'), inFolder('empty.wav')];
    expect(await runProgram(words, terminal, new AbortController().signal, () => models)).toBe(1);
    const shown = String(screen.read());
    expect(shown).toContain('1 done, 1 failed');
    expect(shown).not.toContain('INPUT_EMPTY');
    expect(String(terminal.stdout.read()).match(/INPUT_EMPTY/g)).toHaveLength(1);
  });

  it('leaves a whole document behind when it is interrupted, with an entry for what was left out', async () => {
    writeTinyGatedModel(inFolder('models'));
    for (const name of ['a.wav', 'b.wav']) await writeNoise(inFolder(name), { ...mono, seconds: 0.5 });
    const controller = new AbortController();
    const terminal = { stdout: new PassThrough(), stderr: new PassThrough() };
    let printed = '';
    terminal.stdout.on('data', (text: Buffer) => {
      printed += text.toString();
      controller.abort();
    });
    const words = ['analyse', inFolder('a.wav'), inFolder('b.wav'), '--json'];
    const models = new DirectModelHost(inFolder('models'));
    expect(await runProgram(words, terminal, controller.signal, () => models)).toBe(130);
    expect(documentOf(printed).files.map(({ error }) => error?.code)).toEqual([undefined, 'CANCELLED']);
  });

  it('says what is missing where no net with probes is installed, or where it is damaged', async () => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.2 });
    writeTinyModel(inFolder('plain'));
    const plain = await runHere(['analyse', inFolder('a.wav')], folder(), inFolder('plain'));
    expect(plain.stderr).toMatch(/found tiny, without any\. Install the gated level.*\[MODEL_NOT_FOUND\]/);
    expect(plain.code).toBe(2);
    const nothing = await runHere(['analyse', inFolder('a.wav')], folder(), inFolder('nowhere'));
    expect(nothing.stderr).toMatch(/found no models\. .*\[MODEL_NOT_FOUND\]/);
    expect(nothing.code).toBe(2);
    writeTinyGatedModel(inFolder('models'));
    await writeFile(inFolder('models', 'tiny-gated', 'model.onnx'), 'other bytes');
    const damaged = await runHere(['analyse', inFolder('a.wav')], folder(), inFolder('models'));
    expect(damaged.stderr).toMatch(/MODEL_CHECKSUM_MISMATCH/);
    expect(damaged.code).toBe(1);
    await rm(inFolder('models'), { recursive: true });
  });
});
