import { cleanup, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../../App.svelte';
import { AppError } from '../../../../electron/contract/app-error.js';
import type { FrameWeights } from '../../../../electron/contract/frame-weights.js';
import type { AppSettings } from '../../../../electron/contract/window-contract.js';
import {
  createFakeClient,
  fakeFacts as facts,
  fakeFile,
  fakePlayback as playback,
  fakeSettings,
} from '../../api/client.fake.js';
import { Studio } from '../../state/studio.svelte.js';

const weights = { model: 'enhance', level: 'phi25', sha256: '', gates: true, onnx: new Uint8Array(4) };
const level = (id: string, title: string) => ({ id, title, sizeBytes: 4, sha256: '' });
const enhancer = {
  ...{ id: 'enhance', stage: 'enhance', title: '', licence: 'MIT' },
  levels: [level('fp32', 'Dense'), level('phi25', 'A quarter of the channels')],
};

afterEach(cleanup);

function settingsWith(level: string): AppSettings {
  return { ...fakeSettings, job: { ...fakeSettings.job, chain: { enhance: { strength: 1, level } } } };
}

async function openWith(answer: (level: string) => FrameWeights, setLevel = 'fp32'): Promise<Studio> {
  const client = createFakeClient({
    'app:state': async () => ({
      version: '0.1.0',
      settings: settingsWith(setLevel),
      presets: [],
      outputFolder: { path: '/out', exists: true },
      opened: { files: [fakeFile('a')], rejected: [] },
    }),
    'settings:save': async () => ({}),
    'file:inspect': async () => ({ input: 'a', facts, leaks: [], warnings: [] }),
    'file:prepare': async () => ({ facts, playback, warnings: [] }),
    'outputs:plan': async () => ({ outputs: [{ fileId: 'a', output: '/out/sanitised-001.wav' }] }),
    'live:weights': async ({ level }) => answer(level),
    'models:list': async () => ({ schema: 'sotto.models/1', models: [enhancer] }),
  });
  vi.stubGlobal('fetch', async () => new Response(new ArrayBuffer(0)));
  const studio = new Studio(client, () => ({
    open: () => Promise.reject(new Error('no sound in this test')),
    useLiveWeights: () => undefined,
    close: () => undefined,
  }));
  render(App, { props: { studio } });
  await vi.waitFor(() => {
    expect(['available', 'unavailable']).toContain(studio.live.availability);
  });
  await tick();
  return studio;
}

const liveSwitch = () => screen.getByRole<HTMLButtonElement>('switch', { name: 'Live' });
const group = () => screen.getByRole('group', { name: 'Live monitoring' });

describe('the switch of live monitoring', () => {
  it('cannot be switched on without a net, and says why', async () => {
    await openWith(() => {
      throw new AppError('MODEL_NOT_FOUND', 'Expected a model to listen through, found none. Install one.');
    });
    expect(liveSwitch().disabled).toBe(true);
    expect(group().textContent).toContain('no net for it installed');
    expect(group().textContent).toContain('Expected a model to listen through, found none. Install one.');
  });

  it('says that a net is damaged, not that there is none', async () => {
    for (const code of ['MODEL_CHECKSUM_MISMATCH', 'MODEL_FAILED'] as const) {
      await openWith(() => {
        throw new AppError(code, 'Expected the net that was installed, found other bytes.');
      });
      expect(group().textContent).toContain('its net is damaged');
      expect(group().textContent).not.toContain('no net for it');
      expect(group().title).toContain('Expected the net that was installed, found other bytes.');
      cleanup();
    }
  });

  it('claims nothing about the net when something else is in the way', async () => {
    await openWith(() => {
      throw new AppError('ENGINE_CRASHED', 'The engine ended.');
    });
    expect(group().textContent).toContain('not available');
    expect(group().textContent).not.toContain('no net');
  });

  it('adds live to the versions and marks what is heard, from on to off', async () => {
    await openWith(() => weights);
    expect(screen.queryByRole('radio', { name: 'C Live' })).toBeNull();
    liveSwitch().click();
    await tick();
    expect(screen.getByRole('radio', { name: 'C Live' }).getAttribute('aria-checked')).toBe('true');
    screen.getByRole('radio', { name: 'A Raw' }).click();
    await tick();
    expect(screen.getByRole('radio', { name: 'C Live' }).getAttribute('aria-checked')).toBe('false');
    expect(liveSwitch().getAttribute('aria-checked')).toBe('true');
    liveSwitch().click();
    await tick();
    expect(screen.queryByRole('radio', { name: 'C Live' })).toBeNull();
    expect(screen.getByRole('radio', { name: 'A Raw' }).getAttribute('aria-checked')).toBe('true');
  });

  it('shows how much work the net saves, and that loudness is not matched, only while it is on', async () => {
    const studio = await openWith(() => weights);
    const meter = () => screen.queryByRole('meter', { name: 'Share of the net that is switched off' });
    studio.live.show('ready', 0.27);
    await tick();
    expect(meter()).toBeNull();
    liveSwitch().click();
    studio.live.show('ready', 0.27);
    await tick();
    expect(meter()?.getAttribute('aria-valuenow')).toBe('73');
    expect(group().textContent).toMatch(/work saved 73/);
    expect(screen.getByText('live: not matched')).toBeTruthy();
    studio.live.show('bypassed', 0.27);
    await tick();
    expect(group().textContent).toContain('raw: fast or backward');
    liveSwitch().click();
    await tick();
    expect(meter()).toBeNull();
  });

  it('listens through the net that is chosen for the job, and says when it has no gates', async () => {
    const asked: string[] = [];
    const studio = await openWith((level) => {
      asked.push(level);
      return { ...weights, level, gates: level !== 'fp32' };
    });
    const net = await screen.findByRole<HTMLSelectElement>('combobox', { name: 'Net' });
    await vi.waitFor(() => {
      expect([...net.options].map(({ text }) => text)).toEqual(['Dense', 'A quarter of the channels']);
    });
    expect(net.value).toBe('fp32');
    liveSwitch().click();
    studio.live.show('ready', 1);
    await tick();
    expect(group().textContent).toContain('this net always works in full');
    net.value = 'phi25';
    net.dispatchEvent(new Event('change', { bubbles: true }));
    await vi.waitFor(() => {
      expect(studio.live.gates).toBe(true);
    });
    expect(studio.settings.job.chain.enhance?.level).toBe('phi25');
    expect(asked).toEqual(['fp32', 'phi25']);
    expect(studio.live.on).toBe(true);
    studio.live.show('ready', 0.4);
    await tick();
    expect(group().textContent).toMatch(/work saved 60/);
    studio.settings.setVolume(0.1);
    await tick();
    expect(asked).toEqual(['fp32', 'phi25']);
  });

  it('falls back to the first net when the one that was set is gone, and says so', async () => {
    const studio = await openWith((level) => ({ ...weights, level }), 'phi8');
    await vi.waitFor(() => {
      expect(studio.settings.enhanceLevel).toBe('fp32');
    });
    expect(studio.settings.job.chain.enhance).toEqual({ strength: 1, level: 'fp32' });
    expect(studio.messages.list.map(({ text }) => text)).toContain(
      'The net "phi8" that was set is not installed any more. Enhance now runs with: Dense.',
    );
  });
});
