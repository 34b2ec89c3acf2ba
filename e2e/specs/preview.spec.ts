import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { heardNow, listenIn, placeOf, playbackCopy } from '../fixtures/heard.js';
import { repository } from '../fixtures/studio-app.js';
import { expect, test } from '../fixtures/test.js';

/** A recording nobody trained on: 16.5 s in a street, 48 kHz, stereo. */
const recording = 'interview-in-the-street.wav';
const rate = 48_000;
/** Half of the volume slider; a power of two, so that what is heard is exact. */
const gain = 0.25;
/** Rounding of the playback at its own level. */
const exact = 1e-6;
/** Heard where somebody speaks. */
const speaking = 0.001;

test('a selection is heard through the chain by keyboard alone, against raw, before anything is exported', async ({
  app,
}) => {
  const { studio, page } = app;
  await listenIn(page);
  await studio.drop([join(repository, 'assets', 'demo', recording)]);
  await studio.isIn(recording, 'ready');
  await page.getByRole('switch', { name: 'Loudness match' }).click();
  await expect(studio.preview).toContainText('10 s around the position');

  await studio.playPosition.focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'i', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'o'])
    await page.keyboard.press(key);
  await expect(studio.preview).toContainText('Renders the selection (3');
  await page.keyboard.press('Shift+D');
  await expect(studio.hearPreview).toBeChecked();
  await expect(studio.stop).toBeVisible();

  const raw = await playbackCopy(page, 'raw.pcm', 2);
  const preview = await playbackCopy(page, 'preview.pcm', 2);
  expect(preview).toHaveLength(3 * rate);
  const original = raw.subarray(2 * rate, 5 * rate);
  // A look that the end of the loop falls into shows two places, and a pause between words is nearly silent: look until one does.
  await expect(async () => {
    const heard = await heardNow(page);
    expect(Math.max(...heard)).toBeGreaterThan(speaking);
    expect(placeOf(heard, preview, gain, exact)).toBeGreaterThanOrEqual(0);
    expect(placeOf(heard, original, gain, 10 * exact)).toBe(-1);
  }).toPass();
  await page.keyboard.press('a');
  await expect(studio.raw).toBeChecked();
  await expect(async () => {
    expect(placeOf(await heardNow(page), original, gain, exact)).toBeGreaterThanOrEqual(0);
  }).toPass();
  await page.keyboard.press('b');
  await expect(studio.hearPreview).toBeChecked();
  await studio.screenshot('preview');

  await page.getByRole('switch', { name: 'Disguise' }).click();
  await expect(studio.preview.getByRole('status')).toHaveText('Settings changed: preview again.');
  await expect(page.getByRole('radio', { name: 'D Old preview' })).toBeChecked();
  await studio.preview.getByRole('button', { name: 'Preview' }).click();
  await expect(studio.preview.getByRole('status')).toContainText('The export draws another disguise.');
  // Raw plays, and goes on until the new one is asked for.
  await expect(studio.raw).toBeChecked();
  await page.keyboard.press('d');
  await expect(studio.hearPreview).toBeChecked();
  await studio.stop.click();

  // It is no result: nothing was written, and the recording is still to be processed.
  expect(await app.results()).toEqual([]);
  await expect(studio.result).toBeDisabled();
  await studio.isIn(recording, 'ready');
  expect(app.complaints).toEqual([]);
  // Last: axe tries styles out that the content policy refuses.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
});
