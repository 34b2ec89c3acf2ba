import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeRecording } from '../fixtures/recordings.js';
import { expect, test } from '../fixtures/test.js';
import { readWavParts } from '../fixtures/wav-parts.js';

async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

test('dropped recordings come out clean, aligned and under the names shown, and the raw files stay as they were', async ({
  app,
}) => {
  const { places, page, studio } = app;
  const path = join(places.recordings, 'anna-interview.wav');
  const folder = join(places.recordings, 'tape');
  await mkdir(folder, { recursive: true });
  const frames = await writeRecording(path, { seconds: 3, channels: 2, artist: 'Anna Example' });
  await writeRecording(join(folder, 'side a.wav'), { seconds: 2, sampleRateHz: 44_100 });
  const [hash, { mtimeMs }] = [await hashOf(path), await stat(path)];

  await studio.drop([path, folder]);
  await studio.isIn('anna-interview.wav', 'ready');
  await studio.isIn('side a.wav', 'ready');
  await studio.select('anna-interview.wav');
  await expect(page.getByText('Anna Example')).toBeVisible();
  await expect(studio.plannedName).toHaveText('sanitised-001.wav');
  await studio.processAll.click();
  await studio.isIn('anna-interview.wav', 'done');
  await studio.isIn('side a.wav', 'done');
  await studio.screenshot('processed');

  expect(await app.results()).toEqual(['sanitised-001.wav', 'sanitised-002.wav']);
  const result = await readWavParts(join(places.output, 'sanitised-001.wav'));
  expect(result).toMatchObject({
    chunks: ['fmt ', 'data'],
    sampleRateHz: 48_000,
    channels: 2,
    sampleFrames: frames,
  });
  expect(result.bytes.includes('Anna')).toBe(false);
  const tape = await readWavParts(join(places.output, 'sanitised-002.wav'));
  expect(tape).toMatchObject({ sampleRateHz: 44_100, channels: 1, sampleFrames: 88_200 });
  expect(await hashOf(path)).toBe(hash);
  expect((await stat(path)).mtimeMs).toBe(mtimeMs);
  expect(app.complaints).toEqual([]);
});

test('a second export takes the next free name and leaves the first result alone', async ({ app }) => {
  const { places, page, studio } = app;
  const path = join(places.recordings, 'twice.wav');
  await writeRecording(path, { seconds: 1 });
  await writeFile(join(places.output, 'sanitised-001.wav'), 'somebody else wrote this');
  await studio.drop([path]);
  await studio.isIn('twice.wav', 'ready');
  await expect(studio.plannedName).toHaveText('sanitised-002.wav');
  await studio.processAll.click();
  await studio.isIn('twice.wav', 'done');
  const first = await hashOf(join(places.output, 'sanitised-002.wav'));

  await page.getByRole('combobox', { name: 'Format' }).selectOption('flac');
  await expect(studio.plannedName).toHaveText(/^sanitised-00\d\.flac$/);
  await studio.processAll.click();
  await expect
    .poll(async () => (await app.results()).filter((name) => name.endsWith('.flac')))
    .toHaveLength(1);
  await studio.isIn('twice.wav', 'done');
  expect(await hashOf(join(places.output, 'sanitised-002.wav'))).toBe(first);
  expect(await readFile(join(places.output, 'sanitised-001.wav'), 'utf8')).toBe('somebody else wrote this');
});

test('without a stage the samples come out unchanged', async ({ app }) => {
  const { places, page, studio } = app;
  const path = join(places.recordings, 'untouched.wav');
  await writeRecording(path, { seconds: 2, artist: 'Anna Example' });
  await studio.drop([path]);
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('passthrough');
  await studio.isIn('untouched.wav', 'ready');
  await studio.processAll.click();
  await studio.isIn('untouched.wav', 'done');
  const [name = ''] = await app.results();
  const result = await readWavParts(join(places.output, name));
  const raw = await readFile(path);
  const dataBytes = result.sampleFrames * 2;
  expect(result.bytes.subarray(-dataBytes).equals(raw.subarray(-dataBytes))).toBe(true);
});

test('the shareable report lies beside the results and names no source', async ({ app }) => {
  const { places, page, studio } = app;
  const path = join(places.recordings, 'secret-source.wav');
  await writeRecording(path, { seconds: 1, artist: 'Anna Example' });
  await studio.drop([path]);
  await studio.isIn('secret-source.wav', 'ready');
  await studio.processAll.click();
  await studio.isIn('secret-source.wav', 'done');
  await page.getByRole('button', { name: 'Save shareable report' }).click();
  const read = async (): Promise<string> =>
    await readFile(join(places.output, 'sotto-report.json'), 'utf8').catch(() => '');
  await expect.poll(read).toContain('sotto.report/1');
  const report = await read();
  expect(JSON.parse(report)).toMatchObject({ schema: 'sotto.report/1', files: [{ status: 'done' }] });
  for (const secret of ['secret-source', 'Anna', places.recordings]) expect(report).not.toContain(secret);
});
