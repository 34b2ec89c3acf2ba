import { cleanup, render, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../../electron/contract/app-error.js';
import type { LanesFacts } from '../../../../electron/contract/lanes.js';
import App from '../../App.svelte';
import { createFakeClient, fakeFile, fakeSettings } from '../../api/client.fake.js';
import type { AudioOutput } from '../../player/audio-output.js';
import { Studio } from '../../state/studio.svelte.js';

const audioFacts = {
  container: 'wav',
  codec: 'pcm_s16le',
  sampleRateHz: 1000,
  channels: 1,
  bitsPerSample: 16,
  lossless: true,
  declaredSampleFrames: 8000,
  sizeBytes: 16_044,
  otherStreams: [],
};
const playback = { sampleRateHz: 1000, channels: 1, sampleFrames: 8000, samplesPerPeak: 256 };
const noiseLabels = ['rain', 'traffic', 'speech-free silence'];
const facts: LanesFacts = {
  frameSeconds: 1,
  frames: 8,
  noiseLabels,
  summary: {
    seconds: 8,
    speechSeconds: 4,
    unknownSeconds: 1,
    noise: [{ label: 'traffic', share: 0.7 }],
    snrDb: 12,
    f0Hz: 183,
  },
  untold: [],
};
/** Speech at 2-4 s and 6-7 s; nothing is known of the last second. */
const lanesFile = new Float32Array(
  [0.03, 0.03, 0.97, 0.97, 0.97, 0.03, 0.9, NaN].flatMap((speech, at) => {
    const known = !Number.isNaN(speech);
    return [speech, speech > 0.5 ? 183 : NaN, known ? 12 : NaN, known ? ([0, 2][at] ?? 1) : NaN];
  }),
);
/** Sound is not under test; play only stands still. */
const silentOutput = () =>
  ({
    open: () => Promise.reject(new Error('no sound in this test')),
    close: () => undefined,
    useLiveWeights: () => undefined,
  }) as unknown as AudioOutput;

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function open(
  analyse: () => Promise<LanesFacts> = async () => facts,
  file = lanesFile,
  reported = facts.summary,
) {
  const client = createFakeClient({
    'app:state': async () => ({
      version: '0.1.0',
      settings: fakeSettings,
      presets: [],
      outputFolder: { path: '/out', exists: true },
      opened: { files: [fakeFile('a.wav', 'a.wav')], rejected: [] },
    }),
    'settings:save': async () => ({}),
    'file:inspect': async ({ fileId }) => ({ input: fileId, facts: audioFacts, leaks: [], warnings: [] }),
    'file:prepare': async () => ({ facts: audioFacts, playback, warnings: [] }),
    'file:analyse': analyse,
    'outputs:plan': async () => ({ outputs: [] }),
    'live:weights': async () => {
      throw new AppError('MODEL_NOT_FOUND', 'Expected a gated net, found none. Install one.');
    },
    'job:start': async ({ fileId }) => ({
      report: {
        input: fileId,
        output: '/out/sanitised-001.wav',
        status: 'done',
        loudness: { rawLufs: -20, resultLufs: -23, method: 'speech' },
        lanes: reported,
      },
      playback,
    }),
  });
  vi.stubGlobal('fetch', async (url: string) =>
    url.endsWith('raw.lanes') ? new Response(file) : new Response(new ArrayBuffer(0)),
  );
  const studio = new Studio(client, silentOutput);
  render(App, { props: { studio } });
  return { studio };
}

function press(key: string, code: string, more: KeyboardEventInit = {}): void {
  document.body.dispatchEvent(
    new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...more }),
  );
}

const bar = () => screen.findByRole('group', { name: 'Lanes' });
const plain = (element: HTMLElement) => element.textContent.replaceAll('\u2009', ' ').trim();

describe('the lanes in the window', () => {
  it('say the values at the play position, or under the pointer, in words', async () => {
    const { studio } = open();
    await within(await bar()).findByText(/speech 3/);
    expect(plain(await bar())).toContain('0:00.000 speech 3 %, rain, no pitch, 12 dB');
    studio.player.seek(3000);
    await vi.waitFor(async () => {
      expect(plain(await bar())).toContain('0:03.000 speech 97 %, traffic, 183 Hz, 12 dB');
    });
    studio.viewport.point(studio.viewport.toPx(7));
    await vi.waitFor(async () => {
      expect(plain(await bar())).toContain('0:07.000 unknown');
    });
  });

  it('explain the colours of the noises that are there in words too, and can be folded away', async () => {
    open();
    const legend = await screen.findByRole('list', { name: 'Colours of the kinds of noise' });
    expect(within(legend).getAllByRole('listitem').map(plain)).toEqual([
      'traffic orange',
      'rain light blue',
      'no noise grey',
    ]);
    const fold = screen.getByRole('button', { name: 'Lanes' });
    expect(fold.getAttribute('aria-expanded')).toBe('true');
    fold.click();
    await vi.waitFor(() => {
      expect(fold.getAttribute('aria-expanded')).toBe('false');
    });
    expect(screen.queryByRole('list', { name: 'Colours of the kinds of noise' })).toBeNull();
    expect(document.querySelector('.tracks')).toBeNull();
    fold.click();
    await vi.waitFor(() => {
      expect(document.querySelector('.tracks')).not.toBeNull();
    });
  });

  it('lead from speech to speech and from pause to pause by keys', async () => {
    const { studio } = open();
    await within(await bar()).findByText(/speech 3/);
    press('n', 'KeyN');
    expect(studio.player.position).toBe(1500);
    press('n', 'KeyN');
    expect(studio.player.position).toBe(5500);
    press('n', 'KeyN');
    expect(studio.player.position).toBe(5500);
    await within(await bar()).findByText('No more speech after this.');
    press('N', 'KeyN', { shiftKey: true });
    expect(studio.player.position).toBe(1500);
    press('p', 'KeyP');
    expect(studio.player.position).toBe(4500);
    press('P', 'KeyP', { shiftKey: true });
    expect(studio.player.position).toBe(0);
  });

  it('are read out when asked by a key, and only then', async () => {
    const { studio } = open();
    await within(await bar()).findByText(/speech 3/);
    const voice = within(await bar()).getByRole('status');
    studio.player.seek(3000);
    expect(voice.textContent).toBe('');
    press('v', 'KeyV');
    await vi.waitFor(() => {
      expect(plain(voice)).toBe('0:03.000: speech 97 %, traffic, 183 Hz, 12 dB');
    });
  });

  it('are summed up in the details and in the report of the result', async () => {
    open();
    await screen.findByText(/Estimated from the enhancer’s own gates; not measured/);
    const details = screen.getByRole('region', { name: 'Details of the recording' });
    expect(plain(details)).toContain('Speech 4 s, 50 %');
    expect(plain(details)).toContain('Unknown 1 s, 13 %');
    screen.getByRole('button', { name: 'Process all' }).click();
    await screen.findByText(/over the same stretches of speech/);
    expect(plain(details)).toContain('Raw sound Speech 4 s, 50 % · Noise traffic 70 %');
  });

  it('that the net cannot tell take no place, and one line says so', async () => {
    const summary = { ...facts.summary, noise: [], f0Hz: null };
    const file = lanesFile.map((value, at) => (at % 4 === 1 || at % 4 === 3 ? NaN : value));
    open(async () => ({ ...facts, summary, untold: ['f0Hz', 'noise'] }), file, summary);
    await within(await bar()).findByText(/speech 3/);
    expect(plain(await bar())).toContain('0:00.000 speech 3 %, 12 dB');
    expect(screen.queryByRole('list', { name: 'Colours of the kinds of noise' })).toBeNull();
    const tags = [...document.querySelectorAll('.tracks .track-tag')].map(({ textContent }) => textContent);
    expect(tags).toEqual(['Speech', 'SNR']);
    press('v', 'KeyV');
    const voice = within(await bar()).getByRole('status');
    await vi.waitFor(() => {
      expect(plain(voice)).toBe('0:00.000: speech 3 %, 12 dB');
    });
    const details = screen.getByRole('region', { name: 'Details of the recording' });
    expect(plain(details)).toContain('Pitch and kind of noise cannot be read by this net.');
    screen.getByRole('button', { name: 'Process all' }).click();
    await screen.findByText(/over the same stretches of speech/);
    const labels = [...details.querySelectorAll('dt')].map(({ textContent }) => textContent);
    expect(labels).toEqual(expect.arrayContaining(['Speech', 'SNR']));
    expect(labels).not.toContain('Pitch');
    expect(labels).not.toContain('Noise');
    expect(plain(details)).toContain('Raw sound Speech 4 s, 50 % · SNR 12 dB, median in speech · Unknown');
  });

  it('are missing quietly where there is no net for them, with a way to ask again', async () => {
    const analyse = vi
      .fn(async () => facts)
      .mockRejectedValueOnce(new AppError('MODEL_NOT_FOUND', 'Expected a gated net, found none.'));
    const { studio } = open(analyse);
    await screen.findByText('No lanes: Expected a gated net, found none.');
    expect(studio.messages.list.filter(({ text }) => text.includes('gated'))).toEqual([]);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Process all' }).disabled).toBe(false);
    press('n', 'KeyN');
    await screen.findByText('There are no lanes of this recording yet.');
    const retry = screen.getByRole('button', { name: 'Try again' });
    // With a frame, or it would read as a part of the sentence before it.
    expect(retry.classList.contains('quiet')).toBe(false);
    retry.click();
    await within(await bar()).findByText(/speech 3/);
  });
});
