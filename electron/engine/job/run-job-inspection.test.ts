import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../contract/app-error.js';
import type { Inspection } from '../../contract/inspection.js';
import { ffmpeg, writeNoise } from '../io/reading/recordings.fake.js';
import { inspect } from '../io/inspect/inspect.js';
import { FakeModelHost, passAll } from '../models/model-host.fake.js';
import { namesIn, runPlainJob, testFolder } from './run-job.fake.js';

/** ffmpeg is started for every recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

vi.mock('../io/inspect/inspect.js', async (original) => {
  const real = await original<{ inspect: typeof inspect }>();
  return { inspect: vi.fn(real.inspect) };
});

const folder = testFolder();
const models = new FakeModelHost(passAll);
afterEach(() => {
  vi.mocked(inspect).mockClear();
});

async function noise(): Promise<{ input: string; output: string }> {
  const input = join(folder(), 'in.wav');
  await writeNoise(input, { seconds: 0.1, channels: 1, sampleRateHz: 8000 });
  return { input, output: join(folder(), 'out.wav') };
}

describe('a job whose source could not be inspected', () => {
  it('says that its list of what was removed is incomplete', async () => {
    const { input, output } = await noise();
    const tags = join(folder(), 'tags.txt');
    await writeFile(tags, `;FFMETADATA1\nartist=Anna Example\ncomment=${'x'.repeat(9e6)}\n`);
    const tagged = join(folder(), 'in.mka');
    await ffmpeg(['-i', input, '-i', tags, '-map_metadata', '1', '-c:a', 'flac', tagged]);
    const { report } = await runPlainJob({ input: tagged, output }, { models });
    expect(report.status).toBe('done');
    expect(report.removed?.map(({ where }) => where)).toEqual(
      expect.arrayContaining(['matroska.segmentUid', 'file.name']),
    );
    const warning = report.warnings?.find(({ code }) => code === 'INSPECTION_INCOMPLETE');
    expect(warning?.message).toMatch(/^Expected .* found .* incomplete/s);
  });

  it('has no list at all when nothing could be read', async () => {
    const request = await noise();
    const error = new AppError('INPUT_UNREADABLE', 'Expected a file, found a broken disk.').toData();
    const nothing: Inspection = { input: request.input, facts: null, leaks: [], warnings: [], error };
    vi.mocked(inspect).mockResolvedValueOnce(nothing);
    const { report } = await runPlainJob(request, { models });
    expect(report.status).toBe('done');
    expect(report).not.toHaveProperty('removed');
    expect(report.warnings?.map(({ code }) => code)).toEqual(['INSPECTION_INCOMPLETE']);
  });

  it('leaves nothing behind when it is cancelled while only the inspection is still under way', async () => {
    const request = await noise();
    const controller = new AbortController();
    let nowProving = (): void => undefined;
    const proving = new Promise<void>((resolve) => {
      nowProving = resolve;
    });
    vi.mocked(inspect).mockImplementationOnce(async () => {
      await proving;
      // Long enough for a short file to get its name.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      controller.abort();
      throw new AppError('CANCELLED', 'Cancelled.');
    });
    const outcome = runPlainJob(
      {
        ...request,
        signal: controller.signal,
        onProgress: ({ phase }) => {
          if (phase === 'prove') nowProving();
        },
      },
      { models },
    );
    await expect(outcome).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await namesIn(folder())).toEqual(['in.wav']);
  });
});
