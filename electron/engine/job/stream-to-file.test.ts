import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { summarise } from '../analysis/lane-summary.js';
import { writeTinyGatedModel } from '../analysis/tiny-gated-model.fake.js';
import { writeNoise } from '../io/reading/recordings.fake.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { namesIn, runPlainJob, settingsOf, testFolder } from './run-job.fake.js';

vi.mock(import('../analysis/lane-summary.js'), async (original) => ({
  ...(await original()),
  summarise: vi.fn(() => {
    throw new Error('no summary in this test');
  }),
}));

/** ffmpeg is started for the recording, on machines that may be busy. */
vi.setConfig({ testTimeout: 60_000 });

const folder = testFolder();

it('leaves no result behind when what was measured on the way cannot be summed up', async () => {
  writeTinyGatedModel(join(folder(), 'models'));
  const models = new DirectModelHost(join(folder(), 'models'));
  const input = join(folder(), 'in.wav');
  await writeNoise(input, { seconds: 1, channels: 1, sampleRateHz: 16_000 });
  const settings = settingsOf('same', { enhance: { strength: 1, level: 'fp32' } });
  const { report } = await runPlainJob({ input, output: join(folder(), 'out.wav'), settings }, { models });
  expect(summarise).toHaveBeenCalledOnce();
  expect(report.status).toBe('failed');
  expect(await namesIn(folder())).not.toContain('out.wav');
  await models.close();
});
