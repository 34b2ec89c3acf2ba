import { rmSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { DirectModelHost } from '../engine/models/direct-model-host.js';
import { modelsRoot } from '../engine/models/manifests.js';
import { writeNoise } from '../engine/io/reading/recordings.fake.js';
import { namesIn, testFolder } from '../engine/job/run-job.fake.js';
import { runProgram } from './program.js';
import { runHere, type CliRun } from './run-cli.fake.js';

const folder = testFolder();
const inFolder = (...names: string[]): string => join(folder(), ...names);
const mono = { channels: 1, sampleRateHz: 16_000 };

/** One file at a time: the threads of several need the built engine. */
const sanitize = (...words: string[]): Promise<CliRun> =>
  runHere(['sanitize', ...words, '--jobs', '1'], folder());

/** ffmpeg is started for every recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

async function writePreset(): Promise<string> {
  const shipped = join(import.meta.dirname, '../../assets/presets/passthrough.json');
  const path = inFolder('own.json');
  await writeFile(path, await readFile(shipped));
  return path;
}

describe('sanitize into a folder with recordings', () => {
  it('takes the name of no recording that was named, also of one that cannot be read or found', async () => {
    await writeNoise(inFolder('good.wav'), { ...mono, seconds: 0.1 });
    await writeFile(inFolder('sanitised-001.wav'), 'damaged, but the only one');
    const inputs = ['good.wav', 'sanitised-001.wav', 'sanitised-002.wav'].map((name) => inFolder(name));
    const words = ['--out', folder(), '--overwrite', '--preset', 'passthrough'];
    const { code } = await sanitize(...inputs, ...words);
    expect(code).toBe(1);
    expect(await readFile(inFolder('sanitised-001.wav'), 'utf8')).toBe('damaged, but the only one');
    expect(await namesIn(folder())).toEqual(expect.arrayContaining(['good.wav', 'sanitised-003.wav']));
    expect(await namesIn(folder())).not.toContain('sanitised-002.wav');
  });
});

describe('the report of --json', () => {
  it.each(['sanitised-001.wav', 'SANITISED-001.FLAC', 'sotto-report.json', 'sotto-report-2.json'])(
    'may not be called %s in the folder of the results',
    async (name) => {
      await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.1 });
      const { code, stderr } = await sanitize(
        ...[inFolder('a.wav'), '--out', inFolder('out'), '--json', inFolder('out', name)],
      );
      expect(stderr).toContain('Expected --json to name a file of its own');
      expect(code).toBe(2);
      expect(await namesIn(folder())).toEqual(['a.wav']);
    },
  );

  it('replaces an earlier report or an empty file, and nothing else that holds something', async () => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.1 });
    const words = ['--out', inFolder('out'), '--preset', 'passthrough', '--json'];
    await writeFile(inFolder('letter.txt'), 'Dear all,');
    const refused = await sanitize(inFolder('a.wav'), ...words, inFolder('letter.txt'));
    expect(refused.stderr).toContain('which holds something else');
    expect(refused.code).toBe(2);
    expect(await readFile(inFolder('letter.txt'), 'utf8')).toBe('Dear all,');
    await writeFile(inFolder('report.json'), '');
    for (const _again of [1, 2]) {
      expect((await sanitize(inFolder('a.wav'), ...words, inFolder('report.json'))).code).toBe(0);
      expect(await readFile(inFolder('report.json'), 'utf8')).toContain('sotto.report/1');
    }
  });

  it('may not replace the preset, a recording that cannot be read, or a result through a link', async () => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.1 });
    await writeFile(inFolder('damaged'), 'no sound');
    await mkdir(inFolder('out'));
    await writeFile(inFolder('out', 'sanitised-001.wav'), 'an earlier result');
    await symlink(inFolder('out', 'sanitised-001.wav'), inFolder('link.json'));
    const preset = await writePreset();
    const before = await namesIn(folder());
    for (const path of [preset, inFolder('damaged'), inFolder('link.json')]) {
      const words = ['--out', inFolder('out'), '--preset', preset, '--overwrite', '--json', path];
      const { code, stderr } = await sanitize(inFolder('a.wav'), inFolder('damaged'), ...words);
      expect(stderr).toContain('Expected --json to name a file of its own');
      expect(code).toBe(2);
    }
    expect(await namesIn(folder())).toEqual(before);
    expect(await readFile(inFolder('out', 'sanitised-001.wav'), 'utf8')).toBe('an earlier result');
  });

  it('may stand beside the results under a name of its own', async () => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.1 });
    const words = ['--out', inFolder('out'), '--preset', 'passthrough', '--json', inFolder('out', 'r.json')];
    expect((await sanitize(inFolder('a.wav'), ...words)).code).toBe(0);
    expect(await namesIn(inFolder('out'))).toEqual(['r.json', 'sanitised-001.wav', 'sotto-report.json']);
  });
});

describe('reports at the end', () => {
  it('are written each by itself: the shareable one also where the folder of the other is gone by then', async () => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.1 });
    const terminal = { stdout: new PassThrough(), stderr: new PassThrough() };
    terminal.stdout.on('data', () => {
      rmSync(inFolder('elsewhere'), { recursive: true, force: true });
    });
    const words = ['sanitize', inFolder('a.wav'), '--out', inFolder('out'), '--preset', 'passthrough'];
    const models = new DirectModelHost(modelsRoot());
    const json = ['--json', inFolder('elsewhere', 'report.json')];
    const { signal } = new AbortController();
    expect(await runProgram([...words, ...json], terminal, signal, () => models)).toBe(1);
    expect(String(terminal.stderr.read())).toContain('a report is missing');
    expect(await namesIn(inFolder('out'))).toEqual(['sanitised-001.wav', 'sotto-report.json']);
  });
});

describe('names of results in the folder that is read and written', () => {
  it('are taken as recordings, and that is said of them with their count and a few names', async () => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.1 });
    const words = [folder(), '--out', folder(), '--preset', 'passthrough'];
    expect((await sanitize(...words)).stderr).not.toContain('names of results');
    expect((await sanitize(...words)).stderr).toContain(
      'Taken as recordings too: 1 in --out with names of results (sanitised-001.wav). ',
    );
    expect(await namesIn(folder())).toContain('sanitised-003.wav');
    await writeNoise(inFolder('sanitised-004.wav'), { ...mono, seconds: 0.1 });
    await writeNoise(inFolder('sanitised-005.wav'), { ...mono, seconds: 0.1 });
    expect((await sanitize(...words)).stderr).toContain(
      '5 in --out with names of results (sanitised-001.wav, sanitised-002.wav, sanitised-003.wav and 2 more). ',
    );
  });
});

describe('a name mapping that cannot be kept', () => {
  it.each([
    ['is a warning', []],
    ['is a warning too where the internal report holds the names', ['--json']],
  ])('%s', async (_, option) => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.1 });
    await writeFile(inFolder('data'), 'in the way');
    const json = option.flatMap((word) => [word, inFolder('report.json')]);
    const words = ['--out', inFolder('out'), '--preset', 'passthrough', ...json];
    const { code, stderr } = await sanitize(inFolder('a.wav'), ...words);
    expect(stderr).toContain('Warning: which result belongs to which recording could not be noted');
    expect(code).toBe(0);
    expect(await namesIn(inFolder('out'))).toContain('sanitised-001.wav');
  });
});

describe('an exit that cannot wait', () => {
  it('leaves nothing half-written behind', async () => {
    await writeNoise(inFolder('long.wav'), { seconds: 60, channels: 2, sampleRateHz: 48_000 });
    await mkdir(inFolder('out'));
    const before = new Set(process.listeners('exit'));
    const running = sanitize(inFolder('long.wav'), '--out', inFolder('out'), '--preset', 'passthrough');
    await vi.waitFor(
      async () => {
        expect((await namesIn(inFolder('out'))).join()).toMatch(/^\.sotto-.*\.part$/);
      },
      { timeout: 20_000, interval: 5 },
    );
    // What `process.exit` does before it ends everything.
    for (const listener of process.listeners('exit')) if (!before.has(listener)) listener(130);
    expect(await namesIn(inFolder('out'))).toEqual([]);
    expect((await running).code).toBe(1);
    expect(process.listeners('exit').filter((listener) => !before.has(listener))).toEqual([]);
  });
});

describe('a new folder', () => {
  it('goes again when the run is interrupted while it looks at the recordings', async () => {
    await writeNoise(inFolder('a.wav'), { ...mono, seconds: 0.1 });
    const before = process.listeners('exit');
    const controller = new AbortController();
    const terminal = { stdout: new PassThrough(), stderr: new PassThrough() };
    terminal.stderr.on('data', (text: Buffer) => {
      if (text.toString().includes('Created the folder')) controller.abort();
    });
    const words = ['sanitize', inFolder('a.wav'), '--out', inFolder('new', 'out'), '--preset', 'passthrough'];
    const models = new DirectModelHost(modelsRoot());
    expect(await runProgram(words, terminal, controller.signal, () => models)).toBe(130);
    expect(controller.signal.aborted).toBe(true);
    expect(await namesIn(folder())).toEqual(['a.wav']);
    expect(process.listeners('exit')).toEqual(before);
  });

  it('stays when a run comes to its end without a result: another may be about to write into it', async () => {
    await writeFile(inFolder('damaged'), 'no sound');
    expect((await sanitize(inFolder('damaged'), '--out', inFolder('out'))).code).toBe(1);
    expect(await namesIn(inFolder('out'))).toEqual([]);
  });
});
