import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { writeRecording } from '../fixtures/recordings.js';
import { expect, test } from '../fixtures/test.js';
import { readWavParts } from '../fixtures/wav-parts.js';

test('a disguised export has another sound and the same length, and everything that tells of it says what it is not', async ({
  app,
}) => {
  const { places, page, studio } = app;
  const path = join(places.recordings, 'witness.wav');
  const frames = await writeRecording(path, { seconds: 3, channels: 2, sampleRateHz: 44_100 });
  await page.getByRole('combobox', { name: 'Preset' }).selectOption('passthrough');
  await expect(page.locator('p', { hasText: /^Disguise, not protection$/ })).toBeVisible();

  // By keyboard alone: the switch, then the voice that is the same every time, then its alpha.
  await page.getByRole('switch', { name: 'Disguise' }).focus();
  await page.keyboard.press('Space');
  await expect(page.getByText('who has this tool can still tell whose it is')).toBeVisible();
  await page.getByRole('combobox', { name: 'Voice' }).selectOption('fixed');
  const alpha = page.getByRole('slider', { name: 'Alpha' });
  await alpha.focus();
  await alpha.press('Home');
  await expect(page.getByText('alpha 0.50')).toBeVisible();
  await alpha.press('ArrowRight');
  await expect(alpha).toHaveAttribute('aria-valuetext', 'alpha 0.51');

  await studio.drop([path]);
  await studio.isIn('witness.wav', 'ready');
  await studio.processAll.click();
  await studio.isIn('witness.wav', 'done');
  await studio.select('witness.wav');
  await expect(studio.details).toContainText('Disguise, not protection, at 100');
  await expect(studio.details).toContainText('Everything above 8 kHz was left out');
  await studio.screenshot('disguised');
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);

  const [name = ''] = await app.results();
  const result = await readWavParts(join(places.output, name));
  expect(result).toMatchObject({ sampleRateHz: 44_100, channels: 2, sampleFrames: frames });
  const given = samplesOf(await readFile(path), frames);
  const written = samplesOf(result.bytes, frames);
  expect(meanSquare(difference(given, written))).toBeGreaterThan(0.1 * meanSquare(given));
  expect(meanSquare(written) / meanSquare(given)).toBeGreaterThan(0.5);

  await page.getByRole('button', { name: 'Save shareable report' }).click();
  const read = async (): Promise<string> =>
    await readFile(join(places.output, 'sotto-report.json'), 'utf8').catch(() => '');
  await expect.poll(read).toContain('DISGUISE_NOT_PROTECTION');
  const report = await read();
  expect(JSON.parse(report)).toMatchObject({ files: [{ stages: [{ stage: 'disguise', strength: 1 }] }] });
  expect(report).not.toContain('alpha');
});

/** The 16-bit samples at the end of a WAV file, interleaved stereo. */
function samplesOf(bytes: Buffer, frames: number): number[] {
  const data = bytes.subarray(bytes.length - frames * 4);
  return Array.from({ length: frames * 2 }, (_, n) => data.readInt16LE(2 * n));
}

function difference(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, n) => value - b[n]!);
}

function meanSquare(values: readonly number[]): number {
  return values.reduce((total, value) => total + value * value, 0) / values.length;
}
