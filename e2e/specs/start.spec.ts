import { join } from 'node:path';
import { expect, test } from '../fixtures/test.js';
import { repository } from '../fixtures/studio-app.js';
import { writeRecording } from '../fixtures/recordings.js';

test('the studio starts empty with one place to drop recordings', async ({ launch }) => {
  const { electron, page, studio, complaints } = await launch();
  await expect(studio.dropZone).toBeVisible();
  await expect(page).toHaveTitle('Sotto');
  await expect(studio.processAll).toBeDisabled();
  const size = await electron.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    return { size: window?.getSize(), least: window?.getMinimumSize() };
  });
  expect(size).toEqual({ size: [1280, 800], least: [960, 600] });
  expect(complaints).toEqual([]);
  await studio.screenshot('empty');
});

test('recordings named on the command line are in the queue, and a second start adds to it', async ({
  places,
  launch,
}) => {
  const first = join(places.recordings, 'first take.wav');
  const second = join(places.recordings, 'second take.wav');
  await writeRecording(first, { seconds: 1 });
  await writeRecording(second, { seconds: 1 });
  const app = await launch({ files: [first] });
  await app.studio.isIn('first take.wav', 'ready');
  expect(await app.startAgain([second])).toBe(0);
  await app.studio.isIn('second take.wav', 'ready');
});

test('the menu opens files by the dialog and shows the shortcuts', async ({ places, launch }) => {
  const path = join(places.recordings, 'chosen.wav');
  await writeRecording(path, { seconds: 1 });
  const { electron, studio } = await launch();
  await electron.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
  }, path);
  const clickMenu = async (label: string): Promise<void> => {
    await electron.evaluate(({ Menu }, wanted) => {
      const items = (Menu.getApplicationMenu()?.items ?? []).flatMap((each) => each.submenu?.items ?? []);
      items.find((each) => each.label === wanted)?.click();
    }, label);
  };
  await clickMenu('Open files…');
  await studio.isIn('chosen.wav', 'ready');
  await clickMenu('Keyboard shortcuts');
  await expect(studio.shortcuts).toBeVisible();
});

test('the demo recordings come out of one press', async ({ launch }) => {
  const { electron, page, studio } = await launch({ files: [join(repository, 'assets', 'demo')] });
  const names = ['interview-in-the-street.wav', 'memo-in-the-rain.flac', 'two-voices-in-a-cafe.mp3'];
  for (const name of names) await studio.isIn(name, 'ready');
  await studio.processAll.click();
  for (const name of names) await studio.isIn(name, 'done', 50_000);
  // The picture of the README is this one: copy it to assets/ when the window has changed.
  await electron.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(1280, 800);
  });
  await expect.poll(() => page.evaluate(() => innerHeight)).toBe(800);
  await studio.select('interview-in-the-street.wav');
  await studio.result.click();
  await studio.playPosition.focus();
  for (let second = 0; second < 6; second += 1) await page.keyboard.press('ArrowRight');
  await page.getByRole('button', { name: 'Dismiss message' }).click();
  await expect(page.getByText('3 recordings done')).toBeHidden();
  await studio.screenshot('demo');
});
