import { cleanup, render, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../../App.svelte';
import type { ChainSettings } from '../../../../electron/contract/chain.js';
import { presetSchema } from '../../../../electron/contract/preset.js';
import { createFakeClient, fakeSettings } from '../../api/client.fake.js';
import { Studio } from '../../state/studio.svelte.js';

const levelOf = (id: string) => ({ id, sizeBytes: 4, sha256: '' });
const codes = {
  ...{ id: 'voice-codes', stage: 'voice', title: '', licence: 'MIT' },
  levels: [levelOf('edge')],
};
const synthesis = { ...codes, id: 'voice-synthesis', levels: [levelOf('fp32')] };
const whistleblower = presetSchema.parse({
  ...{ schema: 'sotto.preset/1', id: 'whistleblower', title: 'Whistleblower', description: '' },
  ...{ chain: { voice: { mode: 'random', pitch: 'flat' } }, export: fakeSettings.job.export },
});

afterEach(cleanup);

async function openWith(models: (typeof codes)[], chain: ChainSettings = {}): Promise<Studio> {
  const client = createFakeClient({
    'app:state': async () => ({
      version: '0.1.0',
      settings: { ...fakeSettings, job: { ...fakeSettings.job, chain } },
      presets: [whistleblower],
      outputFolder: { path: '/out', exists: true },
      opened: { files: [], rejected: [] },
    }),
    'settings:save': async () => ({}),
    'models:list': async () => ({ schema: 'sotto.models/1', models }),
  });
  const studio = new Studio(client, () => ({
    open: () => Promise.reject(new Error('no sound in this test')),
    useLiveWeights: () => undefined,
    close: () => undefined,
  }));
  render(App, { props: { studio } });
  await vi.waitFor(() => {
    expect(studio.nets.voiceLevels).not.toBeNull();
  });
  await tick();
  return studio;
}

const voiceSwitch = () => screen.getByRole<HTMLButtonElement>('switch', { name: 'Voice' });
const radio = (group: string, name: string) =>
  within(screen.getByRole('radiogroup', { name: group })).getByRole('radio', { name });
const preset = () => screen.getByRole<HTMLOptionElement>('option', { name: /^Whistleblower/ });

describe('the card of the voice stage', () => {
  it.each([
    ['no model', []],
    ['the encoder alone', [codes]],
    ['the synthesis alone', [synthesis]],
  ])('says that it is not installed and cannot be switched on where there is %s', async (_what, models) => {
    await openWith(models);
    expect(voiceSwitch().disabled).toBe(true);
    expect(screen.getByText(/^Not installed: the models voice-codes and voice-synthesis/)).toBeTruthy();
    expect(preset().disabled).toBe(true);
    expect(preset().textContent).toContain('voice not installed');
  });

  it('lets a voice that was set be switched off where it is not installed any more', async () => {
    const studio = await openWith([], whistleblower.chain);
    expect(voiceSwitch().disabled).toBe(false);
    voiceSwitch().click();
    await tick();
    expect(studio.settings.job.chain).toEqual({});
    expect(voiceSwitch().disabled).toBe(true);
  });

  it('sets voice, pitch and clarity, and says of each choice what is kept', async () => {
    const studio = await openWith([codes, synthesis]);
    expect(screen.queryByText(/^Not installed/)).toBeNull();
    expect(preset().disabled).toBe(false);
    voiceSwitch().click();
    await tick();
    radio('Voice', 'Neutral').click();
    radio('Pitch', 'Template').click();
    radio('Clarity', 'Clear').click();
    await tick();
    expect(studio.settings.job.chain.voice).toEqual({
      ...{ mode: 'neutral', pitch: 'template', clarity: 'clear', strength: 1, level: 'edge' },
    });
    expect(radio('Clarity', 'Clear').getAttribute('aria-checked')).toBe('true');
    expect(radio('Clarity', 'Strict').getAttribute('aria-checked')).toBe('false');
    expect(screen.getByText('Keeps more of how it was said, also of who said it.')).toBeTruthy();
  });

  it('says plainly of the voice that is kept that it is no protection', async () => {
    const studio = await openWith([codes, synthesis], { voice: whistleblower.chain.voice });
    expect(screen.queryByText(/no protection of identity/)).toBeNull();
    radio('Voice', 'Keep').click();
    radio('Pitch', 'Natural').click();
    await tick();
    expect(studio.settings.job.chain.voice).toMatchObject({ mode: 'keep', pitch: 'natural' });
    expect(
      screen.getByText(/^The speaker’s own voice.*stays recognisable: no protection of identity/),
    ).toBeTruthy();
    expect(screen.getByText(/^Keeps the melody as it is/)).toBeTruthy();
    expect(screen.queryByText(/synthetic voice/)).toBeNull();
    voiceSwitch().click();
    await tick();
    expect(screen.getByText(/^Says the same words in a synthetic voice/)).toBeTruthy();
  });

  it('has a strength only where that moves the pitch', async () => {
    const { voice } = presetSchema.parse({
      ...whistleblower,
      chain: { voice: { mode: 'keep', pitch: 'natural', strength: 0.5 } },
    }).chain;
    await openWith([codes, synthesis], { voice });
    const held = () =>
      screen.getByRole('slider', { name: 'Voice strength' }).getAttribute('aria-disabled') === 'true';
    const moves = () => screen.queryByText(/^Below 100 %/);
    expect([held(), moves()]).toEqual([true, null]);
    radio('Pitch', 'Flat').click();
    await tick();
    expect(held()).toBe(false);
    expect(moves()).toBeTruthy();
    radio('Pitch', 'Natural').click();
    radio('Voice', 'Neutral').click();
    await tick();
    expect(held()).toBe(false);
  });

  it('is worked by arrow keys, around the end too', async () => {
    const studio = await openWith([codes, synthesis], { voice: whistleblower.chain.voice });
    radio('Clarity', 'Strict').focus();
    for (const [key, clarity] of [
      ['ArrowRight', 'balanced'],
      ['ArrowDown', 'clear'],
      ['ArrowRight', 'strict'],
      ['ArrowLeft', 'clear'],
    ] as const) {
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      await tick();
      expect(studio.settings.voice.clarity).toBe(clarity);
      expect(document.activeElement?.getAttribute('data-value')).toBe(clarity);
    }
  });

  it('turns the disguise off and says so', async () => {
    const studio = await openWith([codes, synthesis], { disguise: { strength: 1, alpha: 'random' } });
    voiceSwitch().click();
    expect(await screen.findByText(/^Disguise was turned off/)).toBeTruthy();
    expect(studio.settings.job.chain.disguise).toBeUndefined();
  });

  it('runs with codes that are installed where those that were set are not, and says so', async () => {
    const gone = { ...whistleblower.chain.voice!, level: 'paper' };
    const studio = await openWith([codes, synthesis], { voice: gone });
    expect(await screen.findByText(/^The codes "paper" that were set/)).toBeTruthy();
    expect(studio.settings.voice.level).toBe('edge');
  });
});
