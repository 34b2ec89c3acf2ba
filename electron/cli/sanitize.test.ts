import { execFileSync } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { inspectionDocumentSchema } from '../contract/inspection.js';
import { reportSchema, type Report } from '../contract/report.js';
import {
  chunk,
  packSamples,
  randomIntegers,
  wavFile,
  writeNoise,
} from '../engine/io/reading/recordings.fake.js';
import { nameMappingSchema } from '../engine/job/name-mapping.js';
import { decodeRaw, namesIn, testFolder, wavData } from '../engine/job/run-job.fake.js';
import { shareableReportSchema } from '../engine/job/shareable-report.js';
import { runCli, type CliOptions, type CliRun } from './run-cli.fake.js';

const folder = testFolder();
const inFolder = (...names: string[]): string => join(folder(), ...names);
const mono = { channels: 1, sampleRateHz: 16_000 };

async function sanitize(words: string[], options: CliOptions = {}): Promise<CliRun & { report: Report }> {
  const run = await runCli(
    ['sanitize', ...words, '--out', inFolder('out'), '--json', inFolder('report.json')],
    inFolder('data'),
    { cwd: folder(), ...options },
  );
  const text = await readFile(inFolder('report.json'), 'utf8');
  return { ...run, report: reportSchema.parse(JSON.parse(text)) };
}

function outcomes({ files }: Report): string[] {
  return files.map(({ input, status, error }) => `${basename(input)} ${error?.code ?? status}`);
}

/** Each test starts several processes, on machines that may be busy. */
vi.setConfig({ testTimeout: 90_000 });

describe('sanitize', () => {
  it('cleans recordings of several kinds and leaves only what may be shared beside them', async () => {
    const bext = chunk('bext', Buffer.concat([Buffer.from('Jane Doe at home'), Buffer.alloc(586)]));
    const data = packSamples(randomIntegers(2 * 30_000, 14, 1), 's16');
    await mkdir(inFolder('jane'));
    const wav = wavFile({ sample: 's16', channels: 2, sampleRateHz: 44_100, data, before: [bext] });
    await writeFile(inFolder('jane', 'jane-doe.wav'), wav);
    execFileSync('ffmpeg', [
      ...['-v', 'error', '-i', inFolder('jane', 'jane-doe.wav'), '-metadata', 'artist=Jane Doe'],
      inFolder('jane', 'kitchen.flac'),
    ]);
    const { code, report, stdout } = await sanitize(['jane', '--jobs', '2']);
    expect(outcomes(report)).toEqual(['jane-doe.wav done', 'kitchen.flac done']);
    expect(code).toBe(0);
    expect(await namesIn(inFolder('out'))).toEqual([
      ...['sanitised-001.wav', 'sanitised-002.flac', 'sotto-report.json'],
    ]);
    for (const file of report.files) {
      expect(file).toMatchObject({ sampleFrames: 30_000, sampleRateHz: 44_100, channels: 2 });
      expect(file.stages?.[0]).toMatchObject({ stage: 'enhance', strength: 1 });
      expect(file.removed?.map(({ value }) => value).join()).toContain('Jane Doe');
      expect(file.proof?.parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(
        (await stat(file.output ?? '')).size,
      );
    }
    for (const name of await namesIn(inFolder('out'))) {
      const bytes = (await readFile(inFolder('out', name))).toString('latin1').toLowerCase();
      for (const secret of ['jane', 'kitchen', folder().toLowerCase()]) expect(bytes).not.toContain(secret);
    }
    shareableReportSchema.parse(JSON.parse(await readFile(inFolder('out', 'sotto-report.json'), 'utf8')));
    const [mapping] = await namesIn(inFolder('data', 'names'));
    const path = inFolder('data', 'names', mapping ?? '');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const { files } = nameMappingSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    expect(files.map(({ input }) => basename(input)).sort()).toEqual(['jane-doe.wav', 'kitchen.flac']);
    const events = stdout.trim().split('\n');
    expect(events.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(
      expect.arrayContaining(['start', 'progress', 'file', 'end']),
    );
  });

  it('passes samples through unchanged under the preset passthrough', async () => {
    const data = packSamples(randomIntegers(20_001, 24, 9), 's24');
    await writeFile(inFolder('a.wav'), wavFile({ ...mono, sample: 's24', data }));
    const { code, report } = await sanitize(['a.wav', '--preset', 'passthrough']);
    expect(code).toBe(0);
    expect((await wavData(inFolder('out', 'sanitised-001.wav'))).equals(data)).toBe(true);
    const again = await sanitize(['a.wav', '--preset', 'passthrough']);
    expect(again.report.files[0]?.output).toBe(inFolder('out', 'sanitised-002.wav'));
    const third = await sanitize(['a.wav', '--preset', 'passthrough', '--overwrite', '--format', 'flac']);
    expect(third.report.files[0]?.output).toBe(inFolder('out', 'sanitised-001.flac'));
    expect((await decodeRaw(inFolder('out', 'sanitised-001.flac'), 's24le')).equals(data)).toBe(true);
    expect(report.files[0]?.stages).toEqual([]);
  });

  it('answers every kind of bad input in its place, with exit code 1, and does the good ones', async () => {
    const sound = packSamples(randomIntegers(4000, 16, 2), 's16');
    const good = wavFile({ ...mono, sample: 's16', data: sound });
    await writeFile(inFolder('empty.wav'), '');
    await writeFile(inFolder('text.wav'), 'These are words, not sound.\n'.repeat(50));
    await writeFile(inFolder('no-samples.wav'), wavFile({ ...mono, sample: 's16', data: Buffer.alloc(0) }));
    await writeFile(inFolder('cut.wav'), good.subarray(0, 3000));
    await writeFile(inFolder('one.wav'), wavFile({ ...mono, sample: 's16', data: sound.subarray(0, 2) }));
    await writeFile(inFolder('silent.wav'), wavFile({ ...mono, sample: 's16', data: Buffer.alloc(8000) }));
    const nan = new Float32Array(4000).fill(Number.NaN);
    await writeFile(inFolder('nan.wav'), wavFile({ ...mono, sample: 'f32', data: packSamples(nan, 'f32') }));
    await writeFile(inFolder('new\nline 🎙.wav'), good);
    const names = [
      ...['empty.wav', 'text.wav', 'gone.wav', 'no-samples.wav', 'cut.wav', 'one.wav'],
      ...['silent.wav', 'nan.wav', 'new\nline 🎙.wav'],
    ];
    const { code, report, stderr } = await sanitize(names);
    expect(outcomes(report)).toEqual([
      ...['empty.wav INPUT_EMPTY', 'text.wav INPUT_NOT_AUDIO', 'gone.wav INPUT_NOT_FOUND'],
      ...['no-samples.wav INPUT_NO_SAMPLES', 'cut.wav done', 'one.wav done'],
      ...['silent.wav done', 'nan.wav done', 'new\nline 🎙.wav done'],
    ]);
    expect(code).toBe(1);
    const warnings = report.files.map((file) => (file.warnings ?? []).map((warning) => warning.code));
    expect(warnings[4]).toContain('TRUNCATED');
    expect(warnings[6]).toContain('SILENT');
    expect(warnings[7]).toContain('NON_FINITE');
    expect(report.files[5]?.sampleFrames).toBe(1);
    for (const { error } of report.files) {
      if (error !== undefined) expect(error.message).toMatch(/^Expected .*found/s);
    }
    expect(stderr).toMatch(/failed +empty\.wav: Expected a recording, found that "empty\.wav" is empty/);
    expect((await namesIn(inFolder('out'))).filter((name) => name.endsWith('.wav'))).toHaveLength(5);
    expect((await namesIn(inFolder('out'))).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('tells results of equal names apart and never replaces a recording', async () => {
    for (const take of ['1', '2']) {
      await mkdir(inFolder(take));
      await writeNoise(inFolder(take, 'take.wav'), { ...mono, seconds: 0.1 });
    }
    const words = ['1/take.wav', '2/take.wav', '--names', 'source', '--preset', 'passthrough'];
    const { code, report } = await sanitize(words);
    expect(report.files.map(({ output }) => basename(output ?? ''))).toEqual([
      ...['take-sanitised.wav', 'take-sanitised-2.wav'],
    ]);
    expect(code).toBe(0);
    const shared = await readFile(inFolder('out', 'sotto-report.json'), 'utf8');
    expect(shared).not.toContain('take');

    await writeNoise(inFolder('sanitised-001.wav'), { ...mono, seconds: 0.1 });
    const before = await readFile(inFolder('sanitised-001.wav'));
    const here = ['sanitize', 'sanitised-001.wav', '--out', '.', '--overwrite', '--preset', 'passthrough'];
    expect((await runCli(here, inFolder('data'), { cwd: folder() })).code).toBe(0);
    expect((await readFile(inFolder('sanitised-001.wav'))).equals(before)).toBe(true);
    expect(await namesIn(folder())).toContain('sanitised-002.wav');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing half-written behind after %s', async (signal) => {
    await writeNoise(inFolder('long.wav'), { seconds: 60, channels: 2, sampleRateHz: 48_000 });
    let sent = false;
    const { code, report } = await sanitize(['long.wav', 'long.wav'], {
      onOutput: (text, kill) => {
        if (sent || !text.includes('"progress"')) return;
        sent = true;
        kill(signal);
      },
    });
    expect(code).toBe(130);
    expect(outcomes(report)).toEqual(['long.wav CANCELLED', 'long.wav CANCELLED']);
    expect(await namesIn(folder())).not.toContain('out');
  });
});

describe('inspect', () => {
  it('prints one JSON document, with an entry for what cannot be read', async () => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.1 });
    const { code, stdout } = await runCli(['inspect', 'a.wav', 'gone.wav', '--json'], inFolder('data'), {
      cwd: folder(),
    });
    const { files } = inspectionDocumentSchema.parse(JSON.parse(stdout));
    expect(files.map(({ facts, error }) => facts?.codec ?? error?.code)).toEqual([
      'pcm_s16le',
      'INPUT_NOT_FOUND',
    ]);
    expect(code).toBe(1);
  });
});
