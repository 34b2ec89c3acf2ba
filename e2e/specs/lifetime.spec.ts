import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeRecording } from '../fixtures/recordings.js';
import { expect, test } from '../fixtures/test.js';

test('a restart keeps the settings and erases the playback copies', async ({ places, launch }) => {
  const path = join(places.recordings, 'kept.wav');
  await writeRecording(path, { seconds: 1 });
  // What a session that was killed has left.
  const leftover = join(places.data, 'sessions', 'dead', 'x');
  await mkdir(leftover, { recursive: true });
  await writeFile(join(leftover, 'raw.pcm'), 'voice');

  const first = await launch({ files: [path] });
  expect(existsSync(leftover)).toBe(false);
  await first.studio.isIn('kept.wav', 'ready');
  expect(await first.cachedFiles()).toEqual(expect.arrayContaining(['raw.pcm', 'raw.peaks']));
  await first.page.getByRole('combobox', { name: 'Format' }).selectOption('flac');
  await first.studio.slideToStart(first.studio.strength);
  await expect
    .poll(async () => await readFile(join(places.data, 'settings.json'), 'utf8').catch(() => ''))
    .toContain('"strength": 0');
  await first.close();
  expect(existsSync(join(places.data, 'sessions'))).toBe(false);

  const second = await launch();
  await expect(second.studio.dropZone).toBeVisible();
  await expect(second.page.getByRole('combobox', { name: 'Format' })).toHaveValue('flac');
  await expect(second.studio.strength).toHaveAttribute('aria-valuenow', '0');
});

test('broken settings are set aside and the user is told', async ({ places, launch }) => {
  await writeFile(join(places.data, 'settings.json'), '{"schema": "sotto.settings/1", "job":');
  const { page } = await launch();
  await expect(page.getByText(/settings could not be understood/)).toBeVisible();
  expect(existsSync(join(places.data, 'settings.broken.json'))).toBe(true);
});

test('quitting while a job runs asks first, and leaves nothing when it is meant', async ({
  places,
  launch,
}) => {
  const path = join(places.recordings, 'long.wav');
  await writeRecording(path, { seconds: 240, sampleRateHz: 16_000, channels: 2 });
  const app = await launch({ files: [path], quitWithoutAsking: false });
  await app.studio.isIn('long.wav', 'ready');
  await app.studio.processAll.click();
  await app.studio.isIn('long.wav', 'processing');
  const answer = async (response: number): Promise<void> => {
    await app.electron.evaluate(({ BrowserWindow, dialog }, button) => {
      dialog.showMessageBox = () => Promise.resolve({ response: button, checkboxChecked: false });
      BrowserWindow.getAllWindows()[0]?.close();
    }, response);
  };
  await answer(0);
  await app.studio.isIn('long.wav', 'processing');
  await answer(1);
  await app.ended;
  expect(await app.results()).toEqual([]);
  expect(existsSync(join(places.data, 'sessions'))).toBe(false);
});
