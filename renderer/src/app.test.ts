import { cleanup, render, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from './App.svelte';
import { createFakeClient, fakeFile, fakeSettings } from './api/client.fake.js';
import type { AudioOutput } from './player/audio-output.js';
import { Studio } from './state/studio.svelte.js';

const facts = {
  container: 'wav',
  codec: 'pcm_s16le',
  sampleRateHz: 48_000,
  channels: 2,
  bitsPerSample: 16,
  lossless: true,
  declaredSampleFrames: 96_000,
  sizeBytes: 384_044,
  otherStreams: [],
};
const playback = { sampleRateHz: 48_000, channels: 2, sampleFrames: 96_000, samplesPerPeak: 256 };
const silentOutput = (): AudioOutput => ({
  open: () => Promise.reject(new Error('no sound in this test')),
  useLiveWeights: () => undefined,
  close: () => undefined,
});

afterEach(cleanup);

function open(...names: string[]) {
  const client = createFakeClient({
    'app:state': async () => ({
      version: '0.1.0',
      settings: fakeSettings,
      presets: [],
      outputFolder: { path: '/out', exists: true },
      opened: { files: names.map((name) => fakeFile(name, name)), rejected: [] },
      notices: [{ code: 'SETTINGS_RESET', message: 'The settings could not be read and were set aside.' }],
    }),
    'settings:save': async () => ({}),
    'file:inspect': async ({ fileId }) => ({
      input: fileId,
      facts,
      leaks: [{ where: 'iXML.LOCATION_NAME', meaning: 'place', kind: 'place', value: '12 Harbour Street' }],
      warnings: [],
    }),
    'file:prepare': async () => ({ facts, playback, warnings: [] }),
    'outputs:plan': async ({ fileIds }) => ({
      outputs: fileIds.map((fileId, at) => ({ fileId, output: `/out/sanitised-00${at + 1}.wav` })),
    }),
    'job:start': async ({ fileId }) => ({
      report: {
        input: fileId,
        output: '/out/sanitised-001.wav',
        status: 'done',
        loudness: { rawLufs: -20, resultLufs: -23, method: 'gated' },
      },
      playback,
    }),
    'files:add': async ({ paths }) => ({ files: paths.map((path) => fakeFile(path, path)), rejected: [] }),
  });
  vi.stubGlobal('fetch', async () => new Response(new ArrayBuffer(0)));
  const studio = new Studio(client, silentOutput);
  const view = render(App, { props: { studio } });
  return { client, studio, view };
}

describe('the window', () => {
  it('is one drop zone while there is nothing in the queue, and says what the main process wants said', async () => {
    open();
    expect(await screen.findByRole('region', { name: 'Drop zone' })).toBeTruthy();
    expect(screen.queryByRole('list', { name: 'Queue' })).toBeNull();
    expect(await screen.findByText(/could not be read and were set aside/)).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Process all' }).disabled).toBe(true);
  });

  it('shows what a container gives away and the exact output name before anything is written', async () => {
    open('interview.wav');
    expect(await screen.findByText('12 Harbour Street')).toBeTruthy();
    expect(await screen.findByText('sanitised-001.wav')).toBeTruthy();
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('interview.wav');
  });

  it('processes everything with one press and then lets the result be chosen', async () => {
    const { client } = open('a.wav', 'b.wav');
    const list = await screen.findByRole('list', { name: 'Queue' });
    const result = screen.getByRole<HTMLButtonElement>('radio', { name: /Result/ });
    expect(result.disabled).toBe(true);
    screen.getByRole('button', { name: 'Process all' }).click();
    await vi.waitFor(() => {
      expect(within(list).getAllByText('done')).toHaveLength(2);
    });
    expect(client.calls.filter((call) => call.name === 'job:start')).toHaveLength(2);
    await vi.waitFor(() => {
      expect(result.disabled).toBe(false);
    });
    expect(screen.getByText(/raw lowered/)).toBeTruthy();
  });

  it('takes recordings that arrive from outside and says when the engine had to be restarted', async () => {
    const { client } = open('a.wav');
    await screen.findByRole('list', { name: 'Queue' });
    client.emit('files:opened', { files: [fakeFile('late.wav', 'late.wav')], rejected: [] });
    expect(await screen.findByText('late.wav')).toBeTruthy();
    client.emit('engine:state', { state: 'crashed', message: null });
    client.emit('engine:state', { state: 'ready', message: null });
    expect(await screen.findByText('The engine runs again.')).toBeTruthy();
  });

  it('ends every subscription when it is closed', () => {
    const { client, view } = open();
    expect(client.listenerCount).toBeGreaterThan(0);
    view.unmount();
    expect(client.listenerCount).toBe(0);
  });
});
