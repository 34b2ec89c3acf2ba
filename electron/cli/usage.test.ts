import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AppError } from '../contract/app-error.js';
import { modelListSchema } from '../contract/model-list.js';
import { writeCodes } from '../engine/codes/codes-file.js';
import { namesIn, testFolder } from '../engine/job/run-job.fake.js';
import { writeNoise } from '../engine/io/reading/recordings.fake.js';
import { writeTinyModel } from '../engine/models/tiny-model.fake.js';
import { tinyProbes, writeProbes } from '../engine/models/tiny-probes.fake.js';
import { voiceCodesManifest } from '../engine/models/voice-manifests.fake.js';
import { runProgram } from './program.js';
import { runHere, type CliRun } from './run-cli.fake.js';

const folder = testFolder();
const run = (...words: string[]): Promise<CliRun> => runHere(words, folder());

/** Each with the words it must say. All are refused before anything is started. */
const refusals: [words: string[], says: RegExp][] = [
  [[], /Usage: sotto/],
  [['sanitise', 'a.wav'], /unknown command 'sanitise'/],
  [['sanitize', 'a.wav'], /required option '--out/],
  [['sanitize', '--out', 'out'], /missing required argument/],
  [['sanitize', 'a.wav', '--out', 'out', '--louder'], /unknown option '--louder'/],
  [['sanitize', 'a.wav', '--out', 'out', '--preset', 'nonsense'], /Expected a preset: clean-only/],
  [['sanitize', 'a.wav', '--out', 'out', '--preset', 'gone.json'], /Expected a preset file/],
  [['sanitize', 'a.wav', '--out', 'out', '--preset', 'interview'], /STAGE_NOT_AVAILABLE/],
  [['sanitize', 'a.wav', '--out', 'out', '--separate', 'speech'], /needs the stage "separate"/],
  [['sanitize', 'a.wav', '--out', 'out', '--stems', 'stems'], /STAGE_NOT_AVAILABLE/],
  [['sanitize', 'a.wav', '--out', 'out', '--enhance', '7'], /Expected --enhance 0 to 1, or off/],
  [['sanitize', 'a.wav', '--out', 'out', '--jobs', '0'], /whole number of at least 1/],
  [['sanitize', 'a.wav', '--out', 'out', '--format', 'wma'], /Expected --format wav16/],
  [['sanitize', 'a.wav', '--out', 'out', '--level', 'x=fp32'], /Expected a model in --level/],
  [['sanitize', 'a.wav', '--out', 'out', '--json', '/proc/none/report.json'], /Expected to write/],
  [['sanitize', 'a.wav', '--out', 'out', '--json', 'a.wav'], /Expected --json to name a file of its own/],
  [['sanitize', 'a.wav', '--out', 'out', '--json', '.'], /found the folder/],
  [['sanitize', 'a.wav', '--out', 'a.wav'], /a file is in the way/],
  [['sanitize', 'a.wav', '--out', 'a.wav', '--json', 'new/x/r.json'], /a file is in the way/],
  [['sanitize', 'a.wav', '--out', 'new/x', '--json', 'a.wav/r.json'], /a file is in the way/],
  [['sanitize', 'a.wav', '--out', 'new/x', '--json', 'new'], /the way to --out/],
  [['sanitize', '', '--out', 'out'], /Expected a path; found nothing/],
  [['sanitize', 'a.wav', '', '--out', 'out'], /Expected a path; found nothing/],
  [['sanitize', 'a.wav', '--out', ''], /Expected a path; found nothing/],
  [['inspect', ''], /Expected a path; found nothing/],
  [['sanitize', 'a.wav', '--out', '/proc/none'], /Expected to write/],
  [['sanitize', 'empty', '--out', 'out'], /Expected recordings in the folder "empty", found none/],
  [['analyse'], /missing required argument/],
  [['analyse', '--json'], /missing required argument/],
  [['analyse', 'a.wav', ''], /Expected a path; found nothing/],
  [['analyse', 'a.wav', '--louder'], /unknown option '--louder'/],
  [['analyse', 'a.wav', '--json=lanes.txt'], /ends in \.json; found "lanes\.txt"/],
  [
    ['sanitize', 'a.wav', '--out', 'out', '--voice', 'foo'],
    /Expected --voice off \| random \| neutral \| keep \| disguise; found "foo"/,
  ],
  [
    ['sanitize', 'a.wav', '--out', 'out', '--pitch', 'flat'],
    /--pitch together with --voice random, neutral or keep/,
  ],
  [['encode', 'a.wav'], /required option '-o, --output/],
  [['encode', '-o', 'a.codes'], /missing required argument/],
  [['encode', 'a.wav', '-o', 'a.codes', '--clarity', 'clear'], /strict or balanced; found clear/],
  [['encode', 'a.wav', '-o', 'a.codes', '--clarity', 'loud'], /Expected --clarity strict/],
  [['encode', 'a.wav', '-o', 'a.codes', '--level', 'edge'], /Expected --level voice-codes=LEVEL/],
  [['decode', 'a.codes', '-o', 'b.wav', '--pitch', 'flat'], /required option '--voice/],
  [
    ['decode', 'a.codes', '-o', 'b.wav', '--voice', 'random', '--pitch', 'natural'],
    /found natural, but codes hold no pitch/,
  ],
  [
    ['decode', 'a.codes', '-o', 'b.wav', '--voice', 'keep', '--pitch', 'flat'],
    /Expected --voice random \| neutral.*"encode --speaker" writes it/,
  ],
  [['decode', 'a.codes', '-o', 'b.wav', '--voice', 'a.wav'], /or a file that ends in \.spk; found/],
  [
    ['encode', 'a.wav', '-o', 'a.codes', '--speaker', 'b.wav'],
    /Expected --speaker to name a file that ends in \.spk/,
  ],
  [['encode', 'a.wav', '-o', 'a.codes', '--speaker', ''], /Expected a path; found nothing/],
  [['features', 'a.wav'], /"features" is not available yet/],
  [['compare', 'a.wav', '--levels', 'a,b', '--out', 'out'], /"compare" is not available yet/],
  [['bench', 'nonsense'], /Allowed choices are startup/],
];

/** Words that stand for something in the test's folder. */
const ownNames = new Set([
  'a.wav',
  'a.codes',
  'b.wav',
  'out',
  'empty',
  'gone.json',
  'stems',
  '.',
  'new',
  'new/x',
  'new/x/r.json',
  'a.wav/r.json',
]);

describe('wrong usage', () => {
  it.each(refusals)('of "%s" is refused with exit code 2 before anything starts', async (words, says) => {
    await writeNoise(join(folder(), 'a.wav'), { seconds: 0.1, channels: 1, sampleRateHz: 8000 });
    await mkdir(join(folder(), 'empty'));
    const there = words.map((word) => (ownNames.has(word) ? join(folder(), word) : word));
    const { code, stdout, stderr } = await run(...there);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(await namesIn(folder())).toEqual(['a.wav', 'empty']);
  });

  it('refuses a folder that may not be written to', async (context) => {
    await writeNoise(join(folder(), 'a.wav'), { seconds: 0.1, channels: 1, sampleRateHz: 8000 });
    await mkdir(join(folder(), 'closed'));
    await chmod(join(folder(), 'closed'), 0o555);
    if (process.getuid?.() === 0) context.skip('root may write everywhere');
    const { code, stderr } = await run(
      'sanitize',
      join(folder(), 'a.wav'),
      '--out',
      join(folder(), 'closed'),
    );
    expect(stderr).toContain('OUTPUT_NOT_WRITABLE');
    expect(code).toBe(2);
  });
});

describe('another voice', () => {
  it.each([
    [['sanitize', 'a.wav', '--out', 'out', '--voice', 'random']],
    [['sanitize', 'a.wav', '--out', 'out', '--voice', 'keep']],
    [['sanitize', 'a.wav', '--out', 'out', '--preset', 'whistleblower']],
    [['encode', 'a.wav', '-o', 'a.codes']],
    [['encode', 'a.wav', '-o', 'a.codes', '--speaker', 'a.spk']],
    [['decode', 'a.codes', '-o', 'b.wav', '--voice', 'random', '--pitch', 'flat']],
  ])('is refused by "%s" where its models are not installed, and it is said what to do', async (words) => {
    await writeNoise(join(folder(), 'a.wav'), { seconds: 0.1, channels: 1, sampleRateHz: 8000 });
    const codes = { codebookSha256: 'a'.repeat(64), codes: new Uint16Array(5) };
    const coded = writeCodes({ sampleRateHz: 8000, sampleFrames: 800, tracks: [codes] });
    await writeFile(join(folder(), 'a.codes'), coded);
    const root = join(folder(), 'models');
    writeTinyModel(root);
    const there = words.map((word) => (ownNames.has(word) ? join(folder(), word) : word));
    const { code, stderr } = await runHere(there, folder(), root);
    expect(stderr).toMatch(/this version does not bring yet.*\[MODEL_NOT_FOUND\]/);
    expect(code).toBe(2);
    expect(await namesIn(folder())).toEqual(['a.codes', 'a.wav', 'models']);
  });
});

describe('an error before there is a result', () => {
  it.each([
    ['MODEL_NOT_FOUND', 2],
    ['PRESET_INVALID', 2],
    ['TOOL_MISSING', 1],
    ['MODEL_FAILED', 1],
    ['OUTPUT_DISK_FULL', 1],
  ] as const)('%s ends with exit code %i', async (code, expected) => {
    const terminal = { stdout: new PassThrough(), stderr: new PassThrough() };
    const { signal } = new AbortController();
    const fail = (): never => {
      throw new AppError(code, 'Expected something else.');
    };
    expect(await runProgram(['models', 'list'], terminal, signal, fail)).toBe(expected);
    expect(String(terminal.stderr.read())).toContain(`[${code}]`);
  });
});

describe('help', () => {
  it('of analyse says what an empty list of events does not mean', async () => {
    expect((await run('analyse', '--help')).stdout).toMatch(
      /Events: .*stays empty until there is a detector/,
    );
  });

  it.each([
    'sanitize',
    'inspect',
    'analyse',
    'encode',
    'decode',
    'models',
    'models list',
    'models verify',
    'bench',
  ])('of %s shows examples', async (words) => {
    const { code, stdout } = await run(...words.split(' '), '--help');
    expect(stdout).toMatch(/Examples:\n {2}sotto /);
    expect(code).toBe(0);
  });

  it('lists what works and nothing else', async () => {
    const { code, stdout } = await run('--help');
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    expect(listed).toEqual(['sanitize', 'inspect', 'analyse', 'encode', 'decode', 'models', 'bench', 'help']);
    expect(code).toBe(0);
  });
});

describe('models', () => {
  it('lists exactly the folders of native-models as one JSON document', async () => {
    const { code, stdout } = await run('models', 'list', '--json');
    const { models } = modelListSchema.parse(JSON.parse(stdout));
    expect(code).toBe(0);
    const root = join(import.meta.dirname, '../../native-models');
    const folders = (await readdir(root)).filter((name) => existsSync(join(root, name, 'model.json')));
    expect(models.map(({ id }) => id).sort()).toEqual(folders.sort());
  });

  it('finds weights that do not match their checksum', async () => {
    const root = join(folder(), 'models');
    await mkdir(join(root, 'broken'), { recursive: true });
    await writeFile(join(root, 'broken', 'model.onnx'), 'not the weights');
    await writeFile(join(root, 'broken', 'model.json'), JSON.stringify(brokenManifest));
    const { code, stdout } = await runHere(['models', 'verify', '--json'], folder(), root);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'sotto.models-check/1',
      levels: [{ model: 'broken', level: 'fp32', ok: false, error: { code: 'MODEL_CHECKSUM_MISMATCH' } }],
    });
    expect(code).toBe(1);
    await rm(root, { recursive: true });
  });

  it('checks the probes of a model together with its levels', async () => {
    const root = join(folder(), 'models');
    const manifest = writeProbes(root, writeTinyModel(root), tinyProbes());
    const verify = async (): Promise<unknown> => {
      const { code, stdout } = await runHere(['models', 'verify', '--json'], folder(), root);
      return { code, ...(JSON.parse(stdout) as object) };
    };
    expect(await verify()).toMatchObject({ code: 0, probes: [{ model: 'tiny', level: 'fp32', ok: true }] });
    await writeFile(join(root, 'tiny', manifest.probes!.file), '{}');
    expect(await verify()).toMatchObject({
      code: 1,
      levels: [{ ok: true }],
      probes: [{ ok: false, error: { code: 'MODEL_CHECKSUM_MISMATCH' } }],
    });
  });

  it('checks every file beside the levels that a manifest names', async () => {
    const root = join(folder(), 'beside');
    const content = Buffer.from('anything');
    const whole = { sha256: createHash('sha256').update(content).digest('hex'), sizeBytes: content.length };
    const { codebooks, ...rest } = voiceCodesManifest();
    const { first, residual, voicing } = codebooks;
    const mended = { ...codebooks, first: { ...first, ...whole }, residual: { ...residual, ...whole } };
    await mkdir(join(root, rest.id), { recursive: true });
    for (const { file } of [first, residual, voicing, ...rest.levels]) {
      await writeFile(join(root, rest.id, file), content);
    }
    await writeFile(join(root, rest.id, 'model.json'), JSON.stringify({ ...rest, codebooks: mended }));
    const { code, stdout } = await runHere(['models', 'verify', '--json'], folder(), root);
    expect(JSON.parse(stdout)).toMatchObject({
      files: [
        { file: first.file, ok: true },
        { file: residual.file, ok: true },
        { file: voicing.file, ok: false, error: { code: 'MODEL_CHECKSUM_MISMATCH' } },
      ],
    });
    expect(code).toBe(1);
  });

  it('names a folder whose manifest cannot be used, and does not call the models whole', async () => {
    const root = join(folder(), 'models');
    writeTinyModel(root);
    expect((await runHere(['models', 'verify'], folder(), root)).code).toBe(0);
    await mkdir(join(root, 'damaged'));
    await writeFile(join(root, 'damaged', 'model.json'), '{');
    for (const [command, expected] of [
      ['list', 0],
      ['verify', 1],
    ] as const) {
      const { code, stderr } = await runHere(['models', command], folder(), root);
      expect(stderr).toMatch(/Left out: .*damaged/);
      expect(code).toBe(expected);
    }
    const { stdout } = await runHere(['models', 'verify', '--json'], folder(), root);
    expect(JSON.parse(stdout)).toMatchObject({ problems: [expect.stringContaining('damaged') as string] });
  });
});

const brokenManifest = {
  schema: 'sotto.model/1',
  id: 'broken',
  stage: 'enhance',
  title: 'Broken',
  licence: 'MIT',
  runner: 'spectral-mask',
  sampleRateHz: 16_000,
  fftSize: 512,
  hopSamples: 256,
  window: 'sqrt-hann-periodic',
  contextFrames: 42,
  latencyFrames: 0,
  inputs: [{ name: 'magnitude', shape: ['batch', 257, 'frames'], role: 'magnitude' }],
  outputs: [{ name: 'mask', shape: ['batch', 257, 'frames'], role: 'mask' }],
  levels: [{ id: 'fp32', file: 'model.onnx', sha256: '0'.repeat(64), sizeBytes: 15 }],
  golden: { file: 'golden.json', maxAbsoluteError: 1e-4 },
  measures: 'none',
};
