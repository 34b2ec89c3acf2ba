import { join } from 'node:path';
import { expect, test } from '../fixtures/test.js';
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
  const { electron, studio } = await launch({ files: [first] });
  await studio.isIn('first take.wav', 'ready');
  // What a second process does with the lock, told to the first one: see requestSingleInstanceLock.
  await electron.evaluate(({ app }, path) => {
    app.emit('second-instance', {}, [], '/', { paths: [path] });
  }, second);
  await studio.isIn('second take.wav', 'ready');
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
