import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { reportSchema, type FileReport } from '../contract/report.js';
import { writeSpeech } from '../engine/codes/speech-recording.fake.js';
import { namesIn, testFolder, wavData } from '../engine/job/run-job.fake.js';
import { writeTinyVoiceModels } from '../engine/voice/tiny-voice-models.fake.js';
import { runHere, type CliRun } from './run-cli.fake.js';

const folder = testFolder();
const inFolder = (...names: string[]): string => join(folder(), ...names);
const run = (...words: string[]): Promise<CliRun> => runHere(words, folder(), inFolder('models'));

/** Each test runs whole jobs, on machines that may be busy. */
vi.setConfig({ testTimeout: 90_000 });

/** @returns what both reports say of one run, and the samples */
async function sanitized(
  voice: string,
  ...more: string[]
): Promise<{ file: FileReport; shared: string; data: Buffer }> {
  const json = inFolder(`${voice}.json`);
  const words = ['sanitize', inFolder('a.wav'), '--out', inFolder(voice), '--json', json];
  const { code, stderr } = await run(...words, '--enhance', 'off', '--voice', voice, ...more);
  expect(code, stderr).toBe(0);
  const [file] = reportSchema.parse(JSON.parse(await readFile(json, 'utf8'))).files;
  const data = await wavData(inFolder(voice, basename(file!.output!)));
  return { file: file!, shared: await readFile(inFolder(voice, 'sotto-report.json'), 'utf8'), data };
}

describe('sanitize --voice keep', () => {
  it('speaks as long as the recording, names every net, and says in both reports that it is no protection', async () => {
    writeTinyVoiceModels(inFolder('models'));
    await writeSpeech(inFolder('a.wav'), 4, (at) => 110 + 10 * Math.sin(3 * at));
    const { file, shared, data } = await sanitized('keep');
    expect(file).toMatchObject({ sampleFrames: 64_000, sampleRateHz: 16_000 });
    expect(file.stages).toMatchObject([
      {
        ...{ stage: 'voice', model: 'voice-codes' },
        furtherModels: [
          { model: 'voice-synthesis', level: 'reference' },
          { model: 'voice-synthesis', level: 'fp32' },
        ],
      },
    ]);
    expect(file.warnings?.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['VOICE_KEPT_NOT_PROTECTION']),
    );
    expect(JSON.stringify(file)).toContain(
      'the speaker stays recognisable, and this is no protection of identity',
    );
    // It holds codes alone, so that they must say it.
    expect(shared).toContain('VOICE_KEPT_NOT_PROTECTION');
    expect(shared).not.toContain('VOICE_ONE');
    expect(data.equals((await sanitized('neutral')).data)).toBe(false);
  });

  it('says that the melody is the speaker’s own, unless the pitch takes it away', async () => {
    writeTinyVoiceModels(inFolder('models'));
    await writeSpeech(inFolder('a.wav'), 1, () => 110);
    const own = "The melody is the speaker's own";
    expect(JSON.stringify((await sanitized('keep')).file)).toContain(own);
    for (const pitch of ['flat', 'template']) {
      const { file } = await sanitized('keep', '--pitch', pitch, '--overwrite');
      expect(JSON.stringify(file)).not.toContain(own);
    }
  });

  it('says what to do where the synthesis is an older export, with which other voices still speak', async () => {
    writeTinyVoiceModels(inFolder('models'));
    await writeSpeech(inFolder('a.wav'), 1, () => 110);
    const path = inFolder('models', 'voice-synthesis', 'model.json');
    const { reference: _none, ...older } = JSON.parse(await readFile(path, 'utf8')) as Record<
      string,
      unknown
    >;
    await writeFile(path, JSON.stringify(older));
    const words = ['sanitize', inFolder('a.wav'), '--out', inFolder('out'), '--enhance', 'off'];
    const { code, stderr } = await run(...words, '--voice', 'keep');
    expect(stderr).toMatch(/found an export without one.*random or neutral.*\[MODEL_NOT_FOUND\]/);
    expect(code).toBe(2);
    expect(await namesIn(folder())).not.toContain('out');
    await sanitized('neutral');
  });

  it('reads a damaged reference net for what it is', async () => {
    writeTinyVoiceModels(inFolder('models'));
    await writeFile(inFolder('models', 'voice-synthesis', 'reference.onnx'), 'other bytes');
    const { code, stdout } = await run('models', 'verify');
    expect(stdout).toMatch(/voice-synthesis reference\.onnx: Expected reference\.onnx with SHA-256/);
    expect(code).toBe(1);
  });
});

describe('encode --speaker and decode', () => {
  it('speak with the nets themselves what they wrote', async () => {
    writeTinyVoiceModels(inFolder('models'));
    await writeSpeech(inFolder('a.wav'), 4, () => 150);
    const [codes, speaker] = [inFolder('a.codes'), inFolder('a.spk')];
    const encoded = await run('encode', inFolder('a.wav'), '-o', codes, '--speaker', speaker);
    expect(encoded.code, encoded.stderr).toBe(0);
    const decoded = await run(
      'decode',
      codes,
      '-o',
      inFolder('b.wav'),
      '--voice',
      speaker,
      '--pitch',
      'flat',
    );
    expect(decoded.code, decoded.stderr).toBe(0);
    expect(await wavData(inFolder('b.wav'))).toHaveLength(128_000);
  });
});
