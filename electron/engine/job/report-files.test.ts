import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportSchema, type FileReport } from '../../contract/report.js';
import { NameMapping, nameMappingSchema } from './name-mapping.js';
import { internalReport, writeJson, writeShareableReport } from './report-files.js';
import { shareableReportSchema } from './shareable-report.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-report-'));
});

afterEach(() => rm(folder, { recursive: true }));

const secrets = ['Jane Doe', 'interview-jane', '/home/spy', 'Zoom F6', '2024-05-01'];

/** Every field that can hold something about the source holds a secret. */
const telling: FileReport = {
  input: '/home/spy/interview-jane.wav',
  output: '/home/spy/out/sanitised-001.wav',
  status: 'done',
  sampleRateHz: 48000,
  channels: 2,
  sampleFrames: 480,
  seconds: 0.01,
  realTimeFactor: 70,
  source: {
    container: 'wav',
    codec: 'pcm_s16le',
    sampleRateHz: 48000,
    channels: 2,
    bitsPerSample: 16,
    lossless: true,
    declaredSampleFrames: 480,
    sizeBytes: 1964,
    otherStreams: ['cover art of Jane Doe'],
  },
  outputFormat: 'wav16',
  stages: [{ stage: 'enhance', model: 'm', level: 'fp32', sha256: 'ab', strength: 1 }],
  removed: [
    { where: 'bext.originator', meaning: 'recorder', kind: 'device', value: 'Zoom F6' },
    { where: 'bext.date', meaning: 'time', kind: 'time', value: '2024-05-01' },
    { where: 'id3v2.Jane Doe', meaning: 'recorder', kind: 'device', value: 'Zoom F6' },
  ],
  warnings: [{ code: 'TRUNCATED', message: '/home/spy/interview-jane.wav is cut short' }],
  loudness: { rawLufs: -20, resultLufs: -22, method: 'gated' },
  clippedSamples: 0,
  busySeconds: { chain: 1 },
  proof: { clean: true, sizeBytes: 1964, parts: [{ part: 'data', bytes: 1964 }] },
  outputSha256: 'cd',
};

const failed: FileReport = {
  input: '/home/spy/interview-jane-2.wav',
  output: null,
  status: 'failed',
  error: { code: 'INPUT_NOT_AUDIO', message: '/home/spy/interview-jane-2.wav', details: { who: 'Jane Doe' } },
};

async function writtenText(files: FileReport[]): Promise<string> {
  return readFile(await writeShareableReport(folder, files, true), 'utf8');
}

describe('the shareable report', () => {
  it('holds no name, place, time or value of the source in any of its bytes', async () => {
    const text = await writtenText([telling, failed]);
    for (const secret of [...secrets, 'interview', 'spy', 'Zoom']) expect(text).not.toContain(secret);
    const report = shareableReportSchema.parse(JSON.parse(text));
    expect(report.files).toHaveLength(2);
    expect(report.files[0]?.loudness).toEqual({ resultLufs: -22, method: 'gated' });
    expect(report.files[0]?.removed).toEqual([
      { kind: 'device', count: 2 },
      { kind: 'time', count: 1 },
    ]);
    expect(report.files[0]?.warningCodes).toEqual(['TRUNCATED']);
    expect(report.files[1]).toEqual({ status: 'failed', errorCode: 'INPUT_NOT_AUDIO' });
  });

  it('leaves out the name of a result that was made from the name of its source', async () => {
    const named = { ...telling, output: '/home/spy/out/interview-jane-sanitised.wav' };
    const report = shareableReportSchema.parse(JSON.parse(await writtenText([named])));
    expect(report.files[0]?.output).toBeUndefined();
    expect(report.files[0]?.outputSha256).toBe('cd');
  });

  it('does not carry a field that was added to the internal report later', async () => {
    const later = { ...telling, whereRecorded: 'Jane Doe' } as FileReport;
    expect(await writtenText([later])).not.toContain('Jane Doe');
  });

  it('takes the next free name, and the first one again only when told to overwrite', async () => {
    const names: string[] = [];
    for (const overwrite of [false, false, true]) {
      names.push((await writeShareableReport(folder, [telling], overwrite)).slice(folder.length + 1));
    }
    expect(names).toEqual(['sotto-report.json', 'sotto-report-2.json', 'sotto-report.json']);
    expect((await readdir(folder)).sort()).toEqual(['sotto-report-2.json', 'sotto-report.json']);
  });

  it('does not tell by its file times when it was made', async () => {
    const { mtime } = await stat(await writeShareableReport(folder, [telling], false));
    expect(mtime.getUTCFullYear()).toBe(1980);
  });

  it('says that the folder is missing and leaves nothing behind', async () => {
    const gone = join(folder, 'gone');
    await expect(writeShareableReport(gone, [telling], false)).rejects.toMatchObject({
      code: 'OUTPUT_FOLDER_MISSING',
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('the internal report', () => {
  it('is the document of the contract, in the order given', async () => {
    const path = join(folder, 'report.json');
    await writeJson(path, internalReport([failed, telling]));
    const report = reportSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    expect(report.files).toEqual([failed, telling]);
  });

  it('keeps the old document when the new one cannot be written', async () => {
    const path = join(folder, 'file', 'report.json');
    await writeFile(join(folder, 'file'), 'old');
    await expect(writeJson(path, {})).rejects.toMatchObject({ code: 'OUTPUT_FOLDER_MISSING' });
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('old');
  });
});

describe('the name mapping', () => {
  it('keeps every pair in a file that only its owner can read', async () => {
    const mapping = new NameMapping(join(folder, 'data'));
    await Promise.all([mapping.add('/a/jane.wav', '/out/1.wav'), mapping.add('/a/joe.wav', '/out/2.wav')]);
    const written = nameMappingSchema.parse(JSON.parse(await readFile(mapping.path, 'utf8')));
    expect(written.files).toEqual([
      { input: '/a/jane.wav', output: '/out/1.wav' },
      { input: '/a/joe.wav', output: '/out/2.wav' },
    ]);
    expect((await stat(mapping.path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'data', 'names'))).mode & 0o077).toBe(0);
  });

  it('writes nothing before the first name', async () => {
    expect(new NameMapping(folder).path).toContain(join(folder, 'names'));
    expect(await readdir(folder)).toEqual([]);
  });

  it('goes on after a write that failed, with the pair that was missed', async () => {
    const data = join(folder, 'data');
    await writeFile(data, 'in the way');
    const mapping = new NameMapping(data);
    await expect(mapping.add('/a.wav', '/1.wav')).rejects.toMatchObject({ code: 'OUTPUT_FOLDER_MISSING' });
    await rm(data);
    await mapping.add('/b.wav', '/2.wav');
    const written = nameMappingSchema.parse(JSON.parse(await readFile(mapping.path, 'utf8')));
    expect(written.files.map(({ input }) => input)).toEqual(['/a.wav', '/b.wav']);
  });
});
