import { join } from 'node:path';
import type { StudioApp } from '../fixtures/studio-app.js';
import { writeRecording } from '../fixtures/recordings.js';
import { expect, test } from '../fixtures/test.js';

/** How far play goes on between two readings of the clock, on a busy machine. */
const clockSlackSeconds = 2;

async function processed(app: StudioApp, name: string): Promise<void> {
  const path = join(app.places.recordings, name);
  await writeRecording(path, { seconds: 20, sampleRateHz: 16_000 });
  await app.studio.drop([path]);
  await app.studio.isIn(name, 'ready');
  await app.studio.processAll.click();
  await app.studio.isIn(name, 'done');
  await expect(app.studio.result).toBeEnabled();
}

test('raw and result are heard at the same position, and switching does not move it', async ({ app }) => {
  const { studio, page } = app;
  await processed(app, 'listen.wav');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => studio.positionSeconds()).toBe(2);
  await studio.result.click();
  await expect(studio.result).toBeChecked();
  expect(await studio.positionSeconds()).toBe(2);
  await studio.raw.click();
  await expect(studio.raw).toBeChecked();
  expect(await studio.positionSeconds()).toBe(2);

  await studio.play.click();
  await expect.poll(() => studio.positionSeconds()).toBeGreaterThan(2.5);
  const before = await studio.positionSeconds();
  await studio.result.click();
  await expect(studio.result).toBeChecked();
  const after = await studio.positionSeconds();
  expect(after).toBeGreaterThanOrEqual(before);
  expect(after).toBeLessThan(before + clockSlackSeconds);
  await studio.stop.click();
  await studio.screenshot('listening');
  expect(app.complaints).toEqual([]);
});

test('space, A, B, Tab, arrows and ? do what they say', async ({ app }) => {
  const { studio, page } = app;
  await processed(app, 'keys.wav');
  await studio.playPosition.focus();
  await page.keyboard.press('b');
  await expect(studio.result).toBeChecked();
  await page.keyboard.press('a');
  await expect(studio.raw).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(studio.result).toBeChecked();
  await page.keyboard.press('Space');
  await expect(studio.stop).toBeVisible();
  await expect.poll(() => studio.positionSeconds()).toBeGreaterThan(0.2);
  await page.keyboard.press('Space');
  await expect(studio.play).toBeVisible();
  await page.keyboard.press('Home');
  await expect.poll(() => studio.positionSeconds()).toBe(0);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => studio.positionSeconds()).toBe(1);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => studio.positionSeconds()).toBe(0);
  await page.keyboard.press('Shift+?');
  await expect(studio.shortcuts).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(studio.shortcuts).toBeHidden();
});

test('the strength is heard at once and used by the next export', async ({ app }) => {
  const { studio, page } = app;
  await processed(app, 'strength.wav');
  const jobs = await app.results();
  await studio.slideToStart(studio.strength);
  await expect(studio.row('strength.wav')).toContainText('changed');
  expect(await app.results()).toEqual(jobs);
  await studio.processAll.click();
  await expect.poll(async () => (await app.results()).length).toBe(2);
  await studio.isIn('strength.wav', 'done');
  await expect(studio.row('strength.wav')).not.toContainText('changed');
  // At strength 0 no stage runs at all.
  await expect(page.getByText('no stage: samples passed through')).toBeVisible();
});
