import { cleanup, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../../App.svelte';
import { AppError } from '../../../../electron/contract/app-error.js';
import type { FrameWeights } from '../../../../electron/contract/frame-weights.js';
import { createFakeClient, fakeFile, fakeSettings } from '../../api/client.fake.js';
import { Studio } from '../../state/studio.svelte.js';

const facts = {
  container: 'wav',
  codec: 'pcm_s16le',
  sampleRateHz: 48_000,
  channels: 1,
  bitsPerSample: 16,
  lossless: true,
  declaredSampleFrames: 48_000,
  sizeBytes: 96_044,
  otherStreams: [],
};
const playback = { sampleRateHz: 48_000, channels: 1, sampleFrames: 48_000, samplesPerPeak: 256 };
const weights = { model: 'enhance', level: 'phi25', sha256: '', onnx: new Uint8Array(4) };

afterEach(cleanup);

async function openWith(answer: () => FrameWeights): Promise<Studio> {
  const client = createFakeClient({
    'app:state': async () => ({
      version: '0.1.0',
      settings: fakeSettings,
      presets: [],
      outputFolder: { path: '/out', exists: true },
      opened: { files: [fakeFile('a')], rejected: [] },
    }),
    'settings:save': async () => ({}),
    'file:inspect': async () => ({ input: 'a', facts, leaks: [], warnings: [] }),
    'file:prepare': async () => ({ facts, playback, warnings: [] }),
    'outputs:plan': async () => ({ outputs: [{ fileId: 'a', output: '/out/sanitised-001.wav' }] }),
    'live:weights': async () => answer(),
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
});
