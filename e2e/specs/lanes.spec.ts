import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { installLoudnessLanes, loud, quiet } from '../fixtures/loudness-lanes.js';
import { writeLevels } from '../fixtures/recordings.js';
import type { StudioApp } from '../fixtures/studio-app.js';
import { expect, test } from '../fixtures/test.js';

/** A frame of the net is 16 ms; a beginning lies in the middle between two. */
const frameSlackSeconds = 0.02;
/** Speech at 1-3 s and 4-5 s, digital silence in the last two seconds. */
const parts = [
  { seconds: 1, amplitude: quiet },
  { seconds: 2, amplitude: loud },
  { seconds: 1, amplitude: quiet },
  { seconds: 1, amplitude: loud },
  { seconds: 1, amplitude: quiet },
  { seconds: 2, amplitude: 0 },
];
const lengthSeconds = parts.reduce((sum, { seconds }) => sum + seconds, 0);

async function withLanes(launch: (options: { models: string }) => Promise<StudioApp>, base: string) {
  const models = join(base, 'models');
  await mkdir(models);
  await installLoudnessLanes(models);
  const app = await launch({ models });
  const path = join(app.places.recordings, 'levels.wav');
  await writeLevels(path, parts);
  await app.studio.drop([path]);
  await app.studio.isIn('levels.wav', 'ready');
  await expect(app.studio.lanes).toContainText('speech');
  return app;
}

/** @returns where a time lies on the waveforms, which show the whole recording */
async function pointAt(app: StudioApp, seconds: number, fromBottomPx: number) {
  const box = await app.studio.playPosition.boundingBox();
  if (box === null) throw new Error('the waveforms are not on screen');
  return { x: box.x + (seconds / lengthSeconds) * box.width, y: box.y + box.height - fromBottomPx };
}

/** @returns the colours of the lanes at a time, one per CSS pixel from the top, `r,g,b` */
async function colorsAt(page: Page, seconds: number): Promise<string[]> {
  return await page.locator('.tracks canvas').evaluate((canvas, share) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const context = (canvas as HTMLCanvasElement).getContext('2d');
    if (!context) return [];
    const column = context.getImageData(Math.round(share * width), 0, 1, height).data;
    return Array.from({ length: height }, (_, y) => column.slice(y * 4, y * 4 + 3).join(','));
  }, seconds / lengthSeconds);
}

test('lanes show speech, noise, pitch and SNR under the waveforms, and nothing where nothing is known', async ({
  launch,
  places,
}) => {
  const app = await withLanes(launch, places.base);
  const { studio, page } = app;
  for (const [seconds, text] of [
    [2, '0:02.0.*speech 98.%, rain, 200.Hz, 15.dB'],
    [3.5, '0:03.5.*speech 2.%, traffic, no pitch, SNR unknown'],
    [7, '0:07.0.*unknown'],
  ] as const) {
    const { x, y } = await pointAt(app, seconds, 60);
    await page.mouse.move(x, y);
    await expect(studio.lanes).toContainText(new RegExp(text));
  }
  const speech = await colorsAt(page, 2);
  expect(speech).not.toEqual(await colorsAt(page, 3.5));
  expect(speech).toEqual(await colorsAt(page, 4.5));
  await expect(page.getByRole('list', { name: 'Colours of the kinds of noise' })).toContainText('rain');

  const { x, y } = await pointAt(app, 2, 20);
  await page.mouse.click(x, y);
  await expect.poll(() => studio.positionSeconds()).toBeCloseTo(2, 1);
  await studio.screenshot('lanes');

  await page.getByRole('button', { name: 'Lanes' }).click();
  await expect(page.locator('.tracks')).toHaveCount(0);
  await page.getByRole('button', { name: 'Lanes' }).click();
  await expect(page.locator('.tracks canvas')).toBeVisible();

  expect(app.complaints).toEqual([]);
  // Last, because axe measures with inline styles, which the content policy refuses and the page complains about.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
});

test('keys lead from speech to speech and from pause to pause, and read the lanes out', async ({
  launch,
  places,
}) => {
  const app = await withLanes(launch, places.base);
  const { studio, page } = app;
  await studio.playPosition.focus();
  for (const [key, seconds] of [
    ['n', 1],
    ['n', 4],
    ['Shift+N', 1],
    ['p', 3],
    ['p', 5],
    ['Shift+P', 3],
  ] as const) {
    await page.keyboard.press(key);
    await expect
      .poll(async () => Math.abs((await studio.positionSeconds()) - seconds), {
        message: `${key} to ${seconds} s`,
      })
      .toBeLessThanOrEqual(frameSlackSeconds);
  }
  const voice = studio.lanes.getByRole('status');
  await expect(voice).toBeEmpty();
  await page.keyboard.press('v');
  await expect(voice).toContainText(/0:0[23].*: speech/);
  await page.keyboard.press('Shift+?');
  for (const title of ['Next speech', 'Previous speech', 'Next pause', 'Previous pause']) {
    await expect(studio.shortcuts).toContainText(title);
  }
  await page.keyboard.press('Escape');
  expect(app.complaints).toEqual([]);
});

test('details and report sum the lanes up, and loudness is compared over the same speech', async ({
  launch,
  places,
}) => {
  const app = await withLanes(launch, places.base);
  const { studio } = app;
  await expect(studio.details).toContainText(/Speech\s*3.s, 3[78].%/);
  await expect(studio.details).toContainText(/Unknown\s*2.s, 2[45].%/);
  await expect(studio.details).toContainText('Estimated');
  await studio.processAll.click();
  await studio.isIn('levels.wav', 'done');
  await expect(studio.details).toContainText(/Raw sound\s*Speech/);
  await expect(studio.details).toContainText('over the same stretches of speech');
  expect(app.complaints).toEqual([]);
});

test('without a gated net there are no lanes, one quiet line says why, and all else works', async ({
  launch,
  places,
}) => {
  const models = join(places.base, 'models');
  await mkdir(models);
  const app = await launch({ models });
  const { studio, page } = app;
  const path = join(places.recordings, 'plain.wav');
  await writeLevels(path, parts);
  await studio.drop([path]);
  await studio.isIn('plain.wav', 'ready');
  await expect(studio.lanes).toContainText('No lanes: Expected');
  await expect(page.locator('.tracks')).toHaveCount(0);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => studio.positionSeconds()).toBe(1);
  await studio.slideToStart(studio.strength);
  await studio.processAll.click();
  await studio.isIn('plain.wav', 'done');
  expect(app.complaints).toEqual([]);
});
