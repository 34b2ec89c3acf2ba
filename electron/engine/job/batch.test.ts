import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { JobSettings } from '../../contract/job.js';
import type { FileReport } from '../../contract/report.js';
import { encodeIntegers, randomIntegers, writeNoise } from '../io/reading/recordings.fake.js';
import { FakeModelHost, passAll } from '../models/model-host.fake.js';
import { runBatch, type BatchListener } from './batch.js';
import { runJob } from './run-job.js';
import type { TotalProgress } from './total-progress.js';
import { planOutputs, type PlannedOutput } from './plan.js';
import { namesIn, settingsOf, testFolder } from './run-job.fake.js';

/** ffmpeg is started for every recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const folder = testFolder();
const models = new FakeModelHost(passAll);
const mono = { seconds: 0.5, channels: 1, sampleRateHz: 16_000 };

async function plan(
  names: string[],
  settings: JobSettings,
  reserved: string[] = [],
): Promise<PlannedOutput[]> {
  await mkdir(join(folder(), 'out'), { recursive: true });
  const inputs = names.map((name) => join(folder(), name));
  return planOutputs({ inputs, folder: join(folder(), 'out'), settings, overwrite: false, reserved });
}

function outputsOf(plans: readonly PlannedOutput[]): (string | undefined)[] {
  return plans.map(({ output, error }) => (output === null ? error?.code : basename(output)));
}

describe('planOutputs', () => {
  it('keeps the kind of each recording, and gives no number to one that cannot be processed', async () => {
    await writeNoise(join(folder(), 'a.wav'), mono);
    await writeFile(join(folder(), 'b.wav'), 'no sound');
    const encoder = ['-c:a', 'flac', '-f', 'flac'];
    const values = randomIntegers(1000, 16, 1);
    await encodeIntegers(join(folder(), 'c.flac'), values, { ...mono, bits: 16, encoder });
    const plans = await plan(['a.wav', 'b.wav', 'gone.wav', 'c.flac'], settingsOf());
    expect(outputsOf(plans)).toEqual([
      ...['sanitised-001.wav', 'INPUT_NOT_AUDIO', 'INPUT_NOT_FOUND', 'sanitised-002.flac'],
    ]);
    expect(plans.map(({ facts }) => facts?.codec ?? null)).toEqual(['pcm_s16le', null, null, 'flac']);
    expect(await namesIn(join(folder(), 'out'))).toEqual([]);
  });

  it('does not take a name that is promised to a job or there already', async () => {
    await writeNoise(join(folder(), 'a.wav'), mono);
    await mkdir(join(folder(), 'out'));
    await writeFile(join(folder(), 'out', 'sanitised-002.wav'), '');
    const reserved = [join(folder(), 'out', 'sanitised-004.wav')];
    expect(outputsOf(await plan(['a.wav', 'a.wav'], settingsOf(), reserved))).toEqual([
      ...['sanitised-005.wav', 'sanitised-006.wav'],
    ]);
  });

  it('takes no name of an input that cannot be read, also when overwriting', async () => {
    await writeNoise(join(folder(), 'a.wav'), mono);
    await writeFile(join(folder(), 'sanitised-001.wav'), 'damaged');
    const inputs = ['a.wav', 'sanitised-001.wav'].map((name) => join(folder(), name));
    const plans = await planOutputs({
      ...{ inputs, folder: folder(), settings: settingsOf(), overwrite: true, reserved: [] },
    });
    expect(outputsOf(plans)).toEqual(['sanitised-002.wav', 'INPUT_NOT_AUDIO']);
  });

  it('tells recordings of one name apart when results are named after them', async () => {
    for (const take of ['1', '2']) {
      await mkdir(join(folder(), take));
      await writeNoise(join(folder(), take, 'take.wav'), mono);
    }
    const bySource: JobSettings = { chain: {}, export: { format: 'same', names: 'source' } };
    const plans = await plan(['1/take.wav', '2/take.wav'], bySource);
    expect(outputsOf(plans)).toEqual(['take-sanitised.wav', 'take-sanitised-2.wav']);
    expect(plans[1]?.notes.map(({ code }) => code)).toEqual(['NAME_TAKEN']);
  });
});

describe('runBatch', () => {
  const quiet: BatchListener = { progress: () => undefined, fileEnded: () => undefined };
  const run = (
    plans: readonly PlannedOutput[],
    listener: Partial<BatchListener> = {},
    signal = new AbortController().signal,
  ): Promise<FileReport[]> =>
    runBatch({
      ...{ plans, settings: settingsOf(), overwrite: false, workers: 2, signal },
      listener: { ...quiet, ...listener },
      runJob: (request) => runJob(request, { models }),
    });

  it('goes on after a failure and reports every input in its place', async () => {
    await writeNoise(join(folder(), 'a.wav'), { ...mono, seconds: 3 });
    await writeFile(join(folder(), 'b.wav'), '');
    await writeNoise(join(folder(), 'c.wav'), mono);
    const ended: number[] = [];
    const fractions: (number | null)[] = [];
    const reports = await run(await plan(['a.wav', 'b.wav', 'c.wav'], settingsOf()), {
      fileEnded: (index, _report, total) => {
        ended.push(index);
        fractions.push(total.fraction);
      },
    });
    expect(reports.map(({ status, input }) => `${basename(input)} ${status}`)).toEqual([
      ...['a.wav done', 'b.wav failed', 'c.wav done'],
    ]);
    expect(ended.toSorted()).toEqual([0, 1, 2]);
    expect(fractions.at(-1)).toBe(1);
    expect(await namesIn(join(folder(), 'out'))).toEqual(['sanitised-001.wav', 'sanitised-002.wav']);
  });

  it('carries what was odd about a name into the report', async () => {
    await writeNoise(join(folder(), 'a.wav'), mono);
    const [planned] = await plan(['a.wav'], settingsOf());
    if (planned === undefined) throw new Error('one input gives one plan');
    const [report] = await run([{ ...planned, notes: [{ code: 'NAME_TAKEN', message: 'taken' }] }]);
    expect(report?.warnings?.map(({ code }) => code)).toContain('NAME_TAKEN');
  });

  it('skips what was not done when it is interrupted, and leaves nothing half-written', async () => {
    const names = ['a.wav', 'b.wav', 'c.wav', 'd.wav'];
    for (const name of names) await writeNoise(join(folder(), name), { ...mono, seconds: 40 });
    const controller = new AbortController();
    const totals: TotalProgress[] = [];
    const reports = await run(
      await plan(names, settingsOf()),
      {
        progress: (_index, progress) => progress.processedSeconds > 0 && controller.abort(),
        fileEnded: (_index, _report, total) => totals.push(total),
      },
      controller.signal,
    );
    expect(reports.map(({ status }) => status)).toEqual(['skipped', 'skipped', 'skipped', 'skipped']);
    expect(new Set(reports.map(({ error }) => error?.code))).toEqual(new Set(['CANCELLED']));
    // A progress bar stays where it was.
    expect(totals.at(-1)?.fraction).toBeLessThan(1);
    expect(totals.at(-1)?.filesEnded).toBe(0);
    expect(await namesIn(join(folder(), 'out'))).toEqual([]);
  });
});
