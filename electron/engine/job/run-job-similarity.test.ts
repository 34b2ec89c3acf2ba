import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ChainSettings } from '../../contract/chain.js';
import { fileReportSchema, type FileReport } from '../../contract/report.js';
import { writeTinyGatedModel, tinyGatedProbes } from '../analysis/tiny-gated-model.fake.js';
import { writeNoise } from '../io/reading/recordings.fake.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { bitProbe } from '../models/tiny-probes.fake.js';
import { writeTinySpeakerEmbedder } from '../voice/tiny-speaker-embedder.fake.js';
import { runPlainJob, settingsOf, testFolder } from './run-job.fake.js';
import { shareableReport } from './shareable-report.js';

/** ffmpeg is started for every recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const folder = testFolder();
const inFolder = (...names: string[]): string => join(folder(), ...names);
const disguised = { disguise: { strength: 1, alpha: 0.5 } } as const;

/** @returns the report of a job over noise, with whatever models the test has written */
async function reportOf(seconds: number, chain: ChainSettings = disguised): Promise<FileReport> {
  const models = new DirectModelHost(inFolder('models'));
  await writeNoise(inFolder('in.wav'), { seconds, channels: 2, sampleRateHz: 48_000 });
  const files = { input: inFolder('in.wav'), output: inFolder('out.wav'), overwrite: true };
  const { report } = await runPlainJob({ ...files, settings: settingsOf('same', chain) }, { models });
  await models.close();
  expect(report).toMatchObject({ status: 'done' });
  return report;
}

describe('how alike raw and result are', () => {
  it('is measured where the voice is changed, and said with its model in both reports', async () => {
    const { levels, calibration } = writeTinySpeakerEmbedder(inFolder('models'));
    const report = await reportOf(5);
    const { voiceSimilarity } = fileReportSchema.parse(JSON.parse(JSON.stringify(report)));
    const model = { model: 'speaker-embedder', level: 'fp32', sha256: levels[0]!.sha256 };
    expect(voiceSimilarity).toMatchObject({ model, calibration, speechSeconds: { raw: 4.98, result: 4.98 } });
    // The disguise leaves out all above 8 kHz, and moves what is below: another spectrum, but not the opposite one.
    expect(voiceSimilarity!.cosine).toBeLessThan(0.999);
    expect(voiceSimilarity!.cosine).toBeGreaterThan(-1);
    expect(report.busySeconds?.['similarity']).toBeGreaterThan(0);
    // The cosine and the seconds of speech could confirm which recording was the source.
    const { reading } = voiceSimilarity!;
    expect(shareableReport([report]).files[0]?.voiceSimilarity).toEqual({ model, reading, calibration });
    expect(JSON.stringify(shareableReport([report]))).not.toMatch(/"cosine"|"raw"/);
  });

  it.each([
    ['same', { low: -1, high: -1 }],
    ['different', { low: 1, high: 1 }],
  ] as const)('reads as "%s" where the calibration says so', async (reading, range) => {
    const calibration = { equalErrorCosine: range.low, same: range, different: range };
    writeTinySpeakerEmbedder(inFolder('models'), { calibration });
    expect((await reportOf(2)).voiceSimilarity?.reading).toBe(reading);
  });

  it('is not said of less than a second of speech', async () => {
    writeTinySpeakerEmbedder(inFolder('models'));
    const { voiceSimilarity, warnings } = await reportOf(0.9);
    const speechSeconds = { raw: 0, result: 0 };
    expect(voiceSimilarity).toMatchObject({ cosine: null, reading: 'too-little-speech', speechSeconds });
    expect(warnings?.map(({ code }) => code)).not.toContain('NO_VOICE_SIMILARITY');
  });

  it('is not said of noise that the lanes know to be no speech', async () => {
    writeTinySpeakerEmbedder(inFolder('models'));
    const never = { speech: bitProbe(0, 0, -4), domain: bitProbe(0, 0, 4) };
    writeTinyGatedModel(inFolder('models'), { ...tinyGatedProbes(), ...never });
    const report = await reportOf(3);
    expect(report.lanes).toMatchObject({ speechSeconds: 0, unknownSeconds: 0 });
    expect(report.voiceSimilarity).toMatchObject({ cosine: null, reading: 'too-little-speech' });
  });

  it.each([
    ['not read as another voice where the raw recording is noisy', 9, 'unclear'],
    ['read as it is where the raw recording is hardly noisy', 11, 'different'],
  ] as const)('is %s', async (_, snrDb, reading) => {
    const range = { low: 1, high: 1 };
    writeTinySpeakerEmbedder(inFolder('models'), {
      calibration: { equalErrorCosine: 1, same: range, different: range },
    });
    const table = tinyGatedProbes();
    const always = { speech: bitProbe(0, 0, 4), domain: bitProbe(0, 0, 4) };
    const snr = { ...table.snr, ...bitProbe(0, 0, snrDb) };
    writeTinyGatedModel(inFolder('models'), { ...table, ...always, snr });
    const report = await reportOf(3);
    expect(report.lanes?.snrDb).toBe(snrDb);
    expect(report.voiceSimilarity).toMatchObject({ reading, backgroundHeard: reading === 'unclear' });
  });

  it('is nothing where no embedder is installed or nothing changes the voice', async () => {
    const without = await reportOf(2);
    writeTinySpeakerEmbedder(inFolder('models'));
    for (const report of [
      without,
      await reportOf(2, {}),
      await reportOf(2, { disguise: { strength: 0, alpha: 0.5 } }),
    ]) {
      expect(report.voiceSimilarity).toBeUndefined();
      expect(report.warnings?.map(({ code }) => code)).not.toContain('NO_VOICE_SIMILARITY');
      expect(report.busySeconds?.['similarity']).toBeUndefined();
    }
  });

  it('is left out, with a finding, where the embedder is damaged: the result is made all the same', async () => {
    writeTinySpeakerEmbedder(inFolder('models'));
    await writeFile(inFolder('models', 'speaker-embedder', 'model.onnx'), 'not a model');
    const report = await reportOf(2);
    expect(report.voiceSimilarity).toBeUndefined();
    expect(report.warnings?.filter(({ code }) => code === 'NO_VOICE_SIMILARITY')).toHaveLength(1);
  });
});
