import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { heardFrames, heardNow, listenIn, placeOf, playbackCopy } from '../fixtures/heard.js';
import { repository, type StudioApp } from '../fixtures/studio-app.js';
import { expect, test } from '../fixtures/test.js';

/** A recording nobody trained on: 16.5 s in a street, 48 kHz, stereo. */
const recording = 'interview-in-the-street.wav';
const rate = 48_000;

/** Half of the volume slider; a power of two, so that what is heard is exact. */
const gain = 0.25;
/** Rounding of the playback at its own level. */
const exact = 1e-6;
/** The file path computes in another order; see the engine's test of live sound. */
const sameSound = 1e-4;

async function opened(app: StudioApp): Promise<void> {
  const { studio, page } = app;
  await listenIn(page);
  await studio.drop([join(repository, 'assets', 'demo', recording)]);
  await studio.isIn(recording, 'ready');
}

/** Waits until all that a look at the sound shows was heard after now. */
async function onlySoundAfterNow(app: StudioApp): Promise<void> {
  const since = await app.studio.positionSeconds();
  await expect.poll(() => app.studio.positionSeconds()).toBeGreaterThan(since + heardFrames / rate + 0.3);
}

/** The net with gates, which can save work; jobs and live both run with it from then on. */
async function chooseGatedNet({ studio }: StudioApp): Promise<void> {
  await expect(studio.net).toHaveValue('fp32');
  await studio.net.selectOption('phi25');
  await expect(studio.net).toHaveValue('phi25');
}

async function savedPercent(page: Page): Promise<number> {
  const meter = page.getByRole('meter', { name: 'Share of the net that is switched off' });
  await expect(meter).toHaveAttribute('aria-valuetext', /work saved \d+/);
  return Number(await meter.getAttribute('aria-valuenow'));
}

test('live is heard at once before anything was rendered, and at strength 0 it is raw', async ({ app }) => {
  const { studio, page } = app;
  await opened(app);
  const raw = await playbackCopy(page, 'raw.pcm', 2);
  await expect(studio.live).toBeEnabled();
  await expect(studio.hearLive).toBeHidden();

  await studio.play.click();
  await onlySoundAfterNow(app);
  expect(placeOf(await heardNow(page), raw, gain, exact)).toBeGreaterThan(0);

  await studio.live.click();
  await expect(studio.hearLive).toBeChecked();
  // A pause between words is nearly silent when it is enhanced: listen until somebody speaks.
  let live: Awaited<ReturnType<typeof heardNow>> | undefined;
  await expect(async () => {
    await onlySoundAfterNow(app);
    live = await heardNow(page);
    expect(Math.max(...live)).toBeGreaterThan(0.001);
  }).toPass();
  if (!live) throw new Error('Expected sound, found none.');
  expect(placeOf(live, raw, gain, 10 * exact)).toBe(-1);
  const group = page.getByRole('group', { name: 'Live monitoring' });
  await expect(group).toContainText('this net always works in full');
  await chooseGatedNet(app);
  await onlySoundAfterNow(app);
  const saved = await savedPercent(page);
  expect(saved).toBeGreaterThan(20);
  expect(saved).toBeLessThan(100);
  await studio.screenshot('live');

  await studio.slideToStart(studio.strength);
  await onlySoundAfterNow(app);
  expect(placeOf(await heardNow(page), raw, gain, exact)).toBeGreaterThan(0);
  await studio.strength.press('End');

  await studio.raw.click();
  await onlySoundAfterNow(app);
  expect(placeOf(await heardNow(page), raw, gain, exact)).toBeGreaterThan(0);
  expect(await app.results()).toEqual([]);
  expect(app.complaints).toEqual([]);
});

for (const level of ['fp32', 'phi25']) {
  test(`live sounds as the export does with ${level}, also behind a jump`, async ({ app }) => {
    const { studio, page } = app;
    await opened(app);
    await page.getByLabel('Format').selectOption('wav32f');
    if (level === 'phi25') await chooseGatedNet(app);
    await studio.processAll.click();
    await studio.isIn(recording, 'done');
    const result = await playbackCopy(page, 'result.pcm', 2);

    await studio.live.click();
    await expect(studio.hearLive).toBeChecked();
    for (let seconds = 0; seconds < 4; seconds++) await page.keyboard.press('ArrowRight');
    await studio.play.click();
    await expect(studio.stop).toBeVisible();
    await onlySoundAfterNow(app);
    const place = placeOf(await heardNow(page), result, gain, gain * sameSound);
    expect(place).toBeGreaterThan(4 * rate - 1);
    expect(app.complaints).toEqual([]);
  });
}

test('live stays a third thing beside raw and result', async ({ app }) => {
  const { studio, page } = app;
  await opened(app);
  await studio.processAll.click();
  await studio.isIn(recording, 'done');
  await studio.live.click();
  await expect(studio.hearLive).toBeChecked();
  await studio.result.click();
  await expect(studio.result).toBeChecked();
  await expect(studio.hearLive).not.toBeChecked();
  await studio.playPosition.focus();
  await page.keyboard.press('c');
  await expect(studio.hearLive).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(studio.raw).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(studio.hearLive).toBeChecked();
  await page.keyboard.press('Shift+c');
  await expect(studio.hearLive).toBeHidden();
  await expect(studio.raw).toBeChecked();
  expect(app.complaints).toEqual([]);
});

test('fast play is raw, and says so', async ({ app }) => {
  const { studio, page } = app;
  await opened(app);
  await studio.live.click();
  await studio.playPosition.focus();
  await page.keyboard.press('l');
  await page.keyboard.press('l');
  const group = page.getByRole('group', { name: 'Live monitoring' });
  await expect(group).toContainText('raw: fast or backward');
  await page.keyboard.press('k');
  await page.keyboard.press('Home');
  await page.keyboard.press('Space');
  await expect(group).toContainText('this net always works in full');
});
