import { cleanup, render, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../../electron/contract/app-error.js';
import App from '../../App.svelte';
import { createFakeClient, fakeFile, fakeSettings } from '../../api/client.fake.js';
import { Studio } from '../../state/studio.svelte.js';

const hint = 'Select a recording to see its output name.';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** Opens the window with recordings whose decoding never ends unless it fails. */
function openWith(ids: readonly string[], fails: boolean) {
  let answer: (output: string) => void = () => undefined;
  const planned = new Promise<string>((resolve) => {
    answer = resolve;
  });
  const client = createFakeClient({
    'app:state': async () => ({
      version: '0.1.0',
      settings: fakeSettings,
      presets: [],
      outputFolder: { path: '/out', exists: true },
      opened: { files: ids.map((id) => fakeFile(id)), rejected: [] },
    }),
    'settings:save': async () => ({}),
    'models:list': async () => ({ schema: 'sotto.models/1', models: [] }),
    'file:inspect': async ({ fileId }) => ({ input: fileId, facts: null, leaks: [], warnings: [] }),
    'file:prepare': async () => {
      if (fails) throw new AppError('INPUT_DAMAGED', 'Expected sound, found none.');
      return await new Promise(() => undefined);
    },
    'outputs:plan': async () => ({ outputs: [{ fileId: 'a', output: await planned }] }),
  });
  const studio = new Studio(client, () => ({
    open: () => Promise.reject(new Error('no sound in this test')),
    useLiveWeights: () => undefined,
    close: () => undefined,
  }));
  render(App, { props: { studio } });
  return { studio, client, answer };
}

const name = () => within(screen.getByRole('region', { name: 'Export' })).getByRole('status').textContent;

describe('the name of the output', () => {
  it('asks for a selection only where there is none', () => {
    openWith([], false);
    expect(name()).toBe(hint);
  });

  it('is awaited while it is being planned, and then said', async () => {
    const { studio, client, answer } = openWith(['a'], false);
    await vi.waitFor(() => {
      expect(studio.queue.selected?.id).toBe('a');
      expect(client.calls.map((call) => call.name)).toContain('outputs:plan');
    });
    expect(name()).toBe('…');
    answer('/out/sanitised-001.wav');
    await vi.waitFor(() => {
      expect(name()).toBe('sanitised-001.wav');
    });
  });

  it('is not awaited for a recording that cannot be read', async () => {
    const { studio } = openWith(['a'], true);
    await vi.waitFor(() => {
      expect(studio.queue.selected?.unreadable).toBe(true);
      expect(name()).toBe('Nothing: the recording cannot be read.');
    });
  });
});
