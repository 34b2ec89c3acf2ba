import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { writeTinyModel } from '../../electron/engine/models/tiny-model.fake.js';
import { writeTinyVoiceModels } from '../../electron/engine/voice/tiny-voice-models.fake.js';
import { repository } from '../fixtures/studio-app.js';
import { expect, test } from '../fixtures/test.js';
import { readWavParts } from '../fixtures/wav-parts.js';

const recording = 'interview-in-the-street.wav';
const notInstalled = /^Not installed: the models voice-codes and voice-synthesis/;

const voiceSwitch = (page: Page) => page.getByRole('switch', { name: 'Voice', exact: true });

async function expectNobodyIsKeptOut(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
}

test('without its models the stage says that it is not installed, and its preset cannot be chosen', async ({
  places,
  launch,
}) => {
  // A folder of models without any is what every stage without its own looks like.
  const app = await launch({ models: places.recordings });
  await expect(app.page.getByText(notInstalled)).toBeVisible();
  await expect(voiceSwitch(app.page)).toBeDisabled();
  await expect(app.page.getByRole('option', { name: /^Whistleblower/ })).toBeDisabled();
  await expect(app.page.getByRole('switch', { name: 'Disguise' })).toBeEnabled();
  await expectNobodyIsKeptOut(app.page);
  await app.studio.screenshot('voice-not-installed');
});

test('with its models a demo recording comes out in another voice, as long as it was', async ({
  places,
  launch,
}) => {
  const models = join(places.recordings, 'models');
  writeTinyModel(models);
  writeTinyVoiceModels(models);
  const app = await launch({ models });
  const { page, studio } = app;
  await expect(page.getByText(notInstalled)).toBeHidden();
  await page.getByRole('switch', { name: 'Disguise' }).click();

  // By keyboard alone: the switch turns the disguise off, arrow keys choose.
  await voiceSwitch(page).focus();
  await page.keyboard.press('Space');
  await expect(page.getByText(/^Disguise was turned off/)).toBeVisible();
  await expect(page.getByRole('switch', { name: 'Disguise' })).not.toBeChecked();
  await page.getByRole('radio', { name: 'Natural' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('radio', { name: 'Flat' })).toBeChecked();
  await expect(page.getByText(/^One pitch throughout/)).toBeVisible();
  await expectNobodyIsKeptOut(page);

  const source = join(repository, 'assets', 'demo', recording);
  await studio.drop([source]);
  await studio.isIn(recording, 'ready');
  await studio.processAll.click();
  await studio.isIn(recording, 'done', 50_000);
  await studio.select(recording);
  await expect(studio.details).toContainText('voice-codes');
  await expect(studio.details).toContainText('12 kHz');
  await studio.screenshot('voice');

  const [name = ''] = await app.results();
  const [given, written] = await Promise.all([readWavParts(source), readWavParts(join(places.output, name))]);
  expect(written).toMatchObject({
    ...{ sampleRateHz: given.sampleRateHz, channels: given.channels, sampleFrames: given.sampleFrames },
  });

  await page.getByRole('button', { name: 'Save shareable report' }).click();
  const read = async (): Promise<string> =>
    await readFile(join(places.output, 'sotto-report.json'), 'utf8').catch(() => '');
  await expect.poll(read).toContain('VOICE_BAND');
  expect(JSON.parse(await read())).toMatchObject({
    files: [{ stages: [{ stage: 'enhance' }, { stage: 'voice', strength: 1 }] }],
  });
});
