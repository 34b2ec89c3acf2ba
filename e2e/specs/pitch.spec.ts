import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { playbackCopy } from '../fixtures/heard.js';
import { repository } from '../fixtures/studio-app.js';
import { expect, test } from '../fixtures/test.js';

/** A recording nobody trained on: 16.5 s in a street, 48 kHz, stereo. */
const recording = 'interview-in-the-street.wav';
/** The window's steps: a second, and 10 ms, which is a frame of F0. */
const framesPerSecond = 100;

test('F0 of the result is drawn over that of raw and both are said, of chains that change the voice alone', async ({
  app,
}) => {
  const { studio, page } = app;
  const track = page.getByRole('group', { name: 'F0 before and after' });
  await studio.drop([join(repository, 'assets', 'demo', recording)]);
  await studio.isIn(recording, 'ready');
  await studio.processAll.click();
  await studio.isIn(recording, 'done');
  await expect(track).toBeHidden();

  await page.getByRole('switch', { name: 'Disguise' }).click();
  await studio.processAll.click();
  await expect(track).toBeVisible();
  const f0 = await playbackCopy(page, 'result.f0', 1);
  expect(f0.length).toBe(2 * 16.5 * framesPerSecond);
  const frames = Array.from({ length: f0.length / 2 }, (_, frame) => ({
    frame,
    raw: f0[2 * frame] ?? NaN,
    result: f0[2 * frame + 1] ?? NaN,
  }));
  const hertz = (value: number) => (Number.isNaN(value) ? 'no voice' : `${Math.round(value).toFixed()} Hz`);
  const goTo = async (frame: number) => {
    await page.keyboard.press('Home');
    for (let step = 0; step < Math.floor(frame / framesPerSecond); step++)
      await page.keyboard.press('ArrowRight');
    for (let step = 0; step < frame % framesPerSecond; step++) await page.keyboard.press('.');
  };
  const steps = (frame: number) => Math.floor(frame / framesPerSecond) + (frame % framesPerSecond);
  const nearest = (wanted: (values: { raw: number; result: number }) => boolean) => {
    const [found] = frames.filter(wanted).sort((a, b) => steps(a.frame) - steps(b.frame));
    if (!found) throw new Error('Expected such a moment in the recording, found none.');
    return found;
  };
  await studio.playPosition.focus();
  const voiced = nearest(({ raw, result }) => raw > 0 && result > 0);
  await goTo(voiced.frame);
  await expect(track).toContainText(`raw ${hertz(voiced.raw)}, result ${hertz(voiced.result)}`);
  const silent = nearest(({ raw, result }) => Number.isNaN(raw) && Number.isNaN(result));
  await goTo(silent.frame);
  await expect(track).toContainText('raw no voice, result no voice');

  await page.keyboard.press('Shift+D');
  await expect(studio.hearPreview).toBeChecked();
  await expect(track).toContainText(/raw (\d+ Hz|no voice), preview (\d+ Hz|no voice)/);
  await page.keyboard.press('b');
  await expect(studio.result).toBeChecked();
  await expect(track).toContainText(', result ');
  await studio.stop.click();
  await studio.screenshot('pitch');
  expect(app.complaints).toEqual([]);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
});
