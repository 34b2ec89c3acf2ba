import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { reportSchema, type FileReport } from '../contract/report.js';
import { writeNoise } from '../engine/io/reading/recordings.fake.js';
import { testFolder, wavData } from '../engine/job/run-job.fake.js';
import { shareableReportSchema } from '../engine/job/shareable-report.js';
import { writeTinySpeakerEmbedder } from '../engine/voice/tiny-speaker-embedder.fake.js';
import { runHere } from './run-cli.fake.js';

const folder = testFolder();
const inFolder = (...names: string[]): string => join(folder(), ...names);

/** Each test runs whole jobs, on machines that may be busy. */
vi.setConfig({ testTimeout: 90_000 });

/** @returns the report and the samples of one run, whose results lie in a folder of their own */
async function disguise(
  out: string,
  words: string[],
): Promise<{ file: FileReport; data: Buffer; shared: string }> {
  const json = inFolder(`${out}.json`);
  const run = await runHere(
    ['sanitize', inFolder('witness.wav'), '--out', inFolder(out), '--json', json, ...words],
    folder(),
  );
  expect(run.code, run.stderr).toBe(0);
  const [file] = reportSchema.parse(JSON.parse(await readFile(json, 'utf8'))).files;
  const data = await wavData(inFolder(out, basename(file!.output!)));
  return { file: file!, data, shared: await readFile(inFolder(out, 'sotto-report.json'), 'utf8') };
}

describe('sanitize --voice disguise', () => {
  it('gives every export another voice of exactly the same length, and says in both reports what it is not', async () => {
    await writeNoise(inFolder('witness.wav'), { seconds: 1, channels: 2, sampleRateHz: 44_100 });
    const [first, second] = [
      await disguise('one', ['--preset', 'disguise']),
      await disguise('two', ['--voice', 'disguise', '--enhance', 'off']),
    ];
    for (const { file, shared } of [first, second]) {
      expect(file).toMatchObject({ sampleFrames: 44_100, channels: 2, sampleRateHz: 44_100 });
      expect(file.stages).toMatchObject([{ stage: 'disguise', model: null, strength: 1 }]);
      const codes = file.warnings?.map(({ code }) => code);
      expect(codes).toEqual(expect.arrayContaining(['DISGUISE_NOT_PROTECTION', 'DISGUISE_BAND_DROPPED']));
      expect(shared).toContain('DISGUISE_NOT_PROTECTION');
      expect(`${shared}${JSON.stringify(file)}`).not.toContain('alpha');
    }
    expect(first.data.length).toBe(second.data.length);
    expect(first.data.equals(second.data)).toBe(false);
  });

  it('runs after the enhancer and changes what it gives', async () => {
    await writeNoise(inFolder('witness.wav'), { seconds: 1, channels: 1, sampleRateHz: 16_000 });
    const clean = await disguise('clean', []);
    const both = await disguise('both', ['--voice', 'disguise', '--alpha', '0.6']);
    expect(both.file.stages?.map(({ stage }) => stage)).toEqual(['enhance', 'disguise']);
    expect(both.data.length).toBe(clean.data.length);
    expect(both.data.equals(clean.data)).toBe(false);
  });

  it('says how alike the voices are, in its words, its lines and both reports, where an embedder is installed', async () => {
    const { levels } = writeTinySpeakerEmbedder(inFolder('models'));
    await writeNoise(inFolder('witness.wav'), { seconds: 2, channels: 1, sampleRateHz: 16_000 });
    const json = inFolder('report.json');
    const words = ['--out', inFolder('out'), '--json', json, '--preset', 'disguise'];
    const run = await runHere(['sanitize', inFolder('witness.wav'), ...words], folder(), inFolder('models'));
    expect(run.code, run.stderr).toBe(0);
    const [file] = reportSchema.parse(JSON.parse(await readFile(json, 'utf8'))).files;
    expect(file?.voiceSimilarity?.model.sha256).toBe(levels[0]!.sha256);
    const shared = JSON.parse(await readFile(inFolder('out', 'sotto-report.json'), 'utf8')) as unknown;
    const { model, reading, calibration } = file!.voiceSimilarity!;
    expect(shareableReportSchema.parse(shared).files[0]?.voiceSimilarity).toEqual({
      model,
      reading,
      calibration,
    });
    const similarity = file!.voiceSimilarity!.cosine!.toFixed(2);
    expect(run.stderr).toContain(
      `(similarity ${similarity}; one person mostly 0.50 to 0.90, strangers -0.20 to 0.30)`,
    );
    expect(run.stderr).toContain('not a promise');
    const ended = run.stdout.split('\n').find((line) => line.includes('"event":"file"'));
    expect(JSON.parse(ended!)).toMatchObject({ voiceSimilarity: file!.voiceSimilarity });
  });
});
