import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { StudioApp } from '../fixtures/studio-app.js';
import { writeRecording } from '../fixtures/recordings.js';
import { expect, test } from '../fixtures/test.js';

/** @returns what axe finds that keeps people out, with the elements concerned */
async function seriousFindings(app: StudioApp): Promise<string[]> {
  // Electron has no second page for axe to gather the results of frames in.
  const { violations } = await new AxeBuilder({ page: app.page }).setLegacyMode(true).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

test('nobody is kept out of the empty window, a full one or the list of shortcuts', async ({ app }) => {
  const { places, page, studio } = app;
  expect(await seriousFindings(app)).toEqual([]);
  const path = join(places.recordings, 'access.wav');
  await writeRecording(path, { seconds: 2, artist: 'Anna Example' });
  await studio.drop([path]);
  await studio.isIn('access.wav', 'ready');
  await studio.processAll.click();
  await studio.isIn('access.wav', 'done');
  expect(await seriousFindings(app)).toEqual([]);
  await page.keyboard.press('Shift+?');
  await expect(studio.shortcuts).toBeVisible();
  expect(await seriousFindings(app)).toEqual([]);
  await page.keyboard.press('Escape');
});

test('every control can be reached by keyboard and shows that it has the focus', async ({ app }) => {
  const { places, page, studio } = app;
  const path = join(places.recordings, 'focus.wav');
  await writeRecording(path, { seconds: 1 });
  await studio.drop([path]);
  await studio.isIn('focus.wav', 'ready');
  await page.getByRole('button', { name: 'Open files' }).focus();
  const reached = new Set<string>();
  for (let step = 0; step < 30; step += 1) {
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null) return { name: '', visible: false };
      const style = getComputedStyle(element);
      const label = element.getAttribute('aria-label') ?? element.textContent;
      return { name: label.trim(), visible: style.outlineStyle !== 'none' || style.boxShadow !== 'none' };
    });
    if (focus.name !== '') {
      reached.add(focus.name);
      expect(focus.visible, `${focus.name} shows its focus`).toBe(true);
    }
    // From the waveforms Tab switches versions; F6 is the way on from there.
    const trapped = await studio.playPosition.evaluate((element) => element === document.activeElement);
    await page.keyboard.press(trapped ? 'F6' : 'Tab');
  }
  const names = [...reached].join(' | ');
  for (const name of [
    'Open folder',
    'focus.wav',
    'Play',
    'Process all',
    'Open output folder',
    'Keyboard shortcuts',
  ]) {
    expect(names).toContain(name);
  }
});
