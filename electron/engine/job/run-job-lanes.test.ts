import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { lanesFacts, summarise } from '../analysis/lane-summary.js';
import { openLaneNet } from '../analysis/open-lane-net.js';
import { tinyGatedProbes, writeTinyGatedModel } from '../analysis/tiny-gated-model.fake.js';
import { writeNoise } from '../io/reading/recordings.fake.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { bitProbe } from '../models/tiny-probes.fake.js';
import { analyseInput } from './analyse-input.js';
import { runPlainJob, settingsOf, testFolder } from './run-job.fake.js';
import { shareableReport } from './shareable-report.js';

/** ffmpeg is started for every recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const folder = testFolder();
const enhanced = settingsOf('same', { enhance: { strength: 1, level: 'fp32' } });
const inFolder = (...names: string[]): string => join(folder(), ...names);

async function recording(seconds: number): Promise<{ input: string; output: string }> {
  await writeNoise(inFolder('in.wav'), { seconds, channels: 2, sampleRateHz: 48_000 });
  return { input: inFolder('in.wav'), output: inFolder('out.wav') };
}

describe('the lanes of a job', () => {
  it('are those of the raw recording, as analysing it alone gives them; strangers get lengths alone', async () => {
    writeTinyGatedModel(inFolder('models'));
    const models = new DirectModelHost(inFolder('models'));
    const files = await recording(2);
    const { report } = await runPlainJob({ ...files, settings: enhanced }, { models });
    expect(report).toMatchObject({ status: 'done', loudness: { method: 'ungated' }, warnings: [] });
    const signal = new AbortController().signal;
    const request = { path: files.input, signal, onProgress: () => undefined };
    const { lanes } = await analyseInput(request, await openLaneNet(models));
    expect(report.lanes).toEqual(summarise(lanes));
    expect(lanesFacts(lanes).frames).toBe(126);
    expect(report.lanes?.seconds).toBe(2);
    expect(report.busySeconds?.['lanes']).toBeGreaterThan(0);
    // Kinds of noise tell where somebody was recorded, the pitch tells who.
    const { seconds, speechSeconds, unknownSeconds, noise, f0Hz } = report.lanes!;
    expect(noise).not.toEqual([]);
    expect(f0Hz).not.toBeNull();
    expect(shareableReport([report]).files[0]?.lanes).toEqual({ seconds, speechSeconds, unknownSeconds });
    await models.close();
  });

  it('say over which blocks raw and result are compared, once there are three seconds of speech', async () => {
    const always = { speech: bitProbe(0, 0, 4), domain: bitProbe(0, 0, 4) };
    writeTinyGatedModel(inFolder('models'), { ...tinyGatedProbes(), ...always });
    const models = new DirectModelHost(inFolder('models'));
    const files = await recording(4);
    const { report } = await runPlainJob({ ...files, settings: enhanced }, { models });
    expect(report).toMatchObject({ lanes: { speechSeconds: 4 }, loudness: { method: 'speech' } });
    expect(report.loudness?.rawLufs).toBeLessThan(0);

    const never = { ...always, speech: bitProbe(0, 0, -4) };
    writeTinyGatedModel(inFolder('models'), { ...tinyGatedProbes(), ...never });
    const others = new DirectModelHost(inFolder('models'));
    const without = await runPlainJob({ ...files, overwrite: true, settings: enhanced }, { models: others });
    expect(without.report).toMatchObject({ lanes: { speechSeconds: 0 }, loudness: { method: 'gated' } });
    await models.close();
    await others.close();
  });

  it('are left out, with a finding, where the probes are damaged: the result is made all the same', async () => {
    writeTinyGatedModel(inFolder('models'));
    await writeFile(inFolder('models', 'tiny-gated', 'probes.json'), '{}');
    const models = new DirectModelHost(inFolder('models'));
    const { report } = await runPlainJob({ ...(await recording(1)), settings: enhanced }, { models });
    expect(report).toMatchObject({ status: 'done', warnings: [{ code: 'NO_LANES' }] });
    expect(report.lanes).toBeUndefined();
    await models.close();
  });

  it('are not measured where no stage runs', async () => {
    writeTinyGatedModel(inFolder('models'));
    const models = new DirectModelHost(inFolder('models'));
    const { report } = await runPlainJob(await recording(1), { models });
    expect(report.status).toBe('done');
    expect(report.lanes).toBeUndefined();
    expect(report.busySeconds?.['lanes']).toBeUndefined();
  });
});
