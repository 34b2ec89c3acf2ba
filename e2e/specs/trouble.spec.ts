import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeRecording } from '../fixtures/recordings.js';
import { expect, test } from '../fixtures/test.js';
import { readWavParts } from '../fixtures/wav-parts.js';

/** Long enough to be still running when a test reaches for it, on any machine. */
const longSeconds = 240;

test('a recording that cannot be read says why, and the rest goes on', async ({ app }) => {
  const { places, studio } = app;
  const good = join(places.recordings, 'good.wav');
  const text = join(places.recordings, 'letter.wav');
  const empty = join(places.recordings, 'empty.wav');
  await writeRecording(good, { seconds: 1 });
  await writeFile(text, 'Dear Anna, this is a letter and no recording. '.repeat(100));
  await writeFile(empty, '');
  await studio.drop([text, empty, good]);
  await studio.isIn('letter.wav', 'failed');
  await studio.isIn('good.wav', 'ready');
  await expect(app.page.getByRole('alert').filter({ hasText: 'empty.wav' })).toContainText('0 bytes');
  await expect(studio.row('letter.wav').getByRole('button', { name: 'Retry letter.wav' })).toBeVisible();
  await studio.processAll.click();
  await studio.isIn('good.wav', 'done');
  expect(await app.results()).toEqual(['sanitised-001.wav']);
  await studio.screenshot('bad-input');
});

test('cancelling ends the job within a moment and leaves nothing behind', async ({ app }) => {
  const { places, studio } = app;
  const path = join(places.recordings, 'long.wav');
  await writeRecording(path, { seconds: longSeconds, sampleRateHz: 16_000, channels: 2 });
  await studio.drop([path]);
  await studio.isIn('long.wav', 'ready');
  await studio.processAll.click();
  await studio.isIn('long.wav', 'processing');
  await expect.poll(async () => (await app.results()).length).toBeGreaterThan(0);
  await studio.act('Cancel', 'long.wav');
  await studio.isIn('long.wav', 'cancelled', 10_000);
  expect(await app.results()).toEqual([]);
  expect((await app.cachedFiles()).filter((name) => name.startsWith('result.'))).toEqual([]);
});

test('a killed engine is restarted and the queue completes by itself', async ({ app }) => {
  const { places, page, studio } = app;
  const long = join(places.recordings, 'long.wav');
  const short = join(places.recordings, 'short.wav');
  const frames = await writeRecording(long, { seconds: longSeconds / 4, sampleRateHz: 44_100 });
  await writeRecording(short, { seconds: 1 });
  await studio.drop([long, short]);
  await studio.isIn('long.wav', 'ready');
  await studio.isIn('short.wav', 'ready');
  await studio.processAll.click();
  await studio.isIn('long.wav', 'processing');
  await expect.poll(async () => (await app.results()).length).toBeGreaterThan(0);
  const pid = app.enginePid();
  process.kill(pid, 'SIGKILL');
  await studio.isIn('long.wav', 'done', 45_000);
  await studio.isIn('short.wav', 'done');
  expect(app.enginePid()).not.toBe(pid);
  await expect(page.getByText('Engine ready')).toBeVisible();
  expect(await readWavParts(join(places.output, 'sanitised-001.wav'))).toMatchObject({
    sampleFrames: frames,
  });
  expect(await app.results()).toEqual(['sanitised-001.wav', 'sanitised-002.wav']);
});

test('an output folder that has gone is named before anything is rendered', async ({ app }) => {
  const { electron, page, places, studio } = app;
  const path = join(places.recordings, 'homeless.wav');
  await writeRecording(path, { seconds: 1 });
  await studio.drop([path]);
  await studio.isIn('homeless.wav', 'ready');
  await rename(places.output, `${places.output}-away`);
  try {
    await studio.processAll.click();
    await studio.isIn('homeless.wav', 'failed');
    await expect(studio.row('homeless.wav')).toContainText(/folder/i);
  } finally {
    await rename(`${places.output}-away`, places.output);
  }
  await page.getByRole('button', { name: 'Retry homeless.wav' }).click();
  await studio.isIn('homeless.wav', 'done');
  expect(electron.windows()).toHaveLength(1);
});
