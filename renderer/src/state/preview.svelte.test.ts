import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../electron/contract/app-error.js';
import type { Preview } from '../../../electron/contract/preview.js';
import { createFakeClient, fakeFacts, fakeFile, fakePlayback, fakeSettings } from '../api/client.fake.js';
import type { FakeClient } from '../api/client.fake.js';
import { deferred } from '../api/deferred.fake.js';
import type { Playable } from '../player/audio-output.js';
import { ControlBlock, createPlayerMemory } from '../player/control-block.js';
import { previewWords } from '../text/preview-words.js';
import { Studio } from './studio.svelte.js';

const rate = fakePlayback.sampleRateHz;
const playback = { ...fakePlayback, sampleFrames: 100 * rate };
const rendered: Preview = {
  playback: { ...playback, sampleFrames: 10 * rate },
  loudness: { rawLufs: -20, resultLufs: -26, method: 'gated' },
  warnings: [],
};

let answer: ReturnType<typeof deferred<Preview>>;
let client: FakeClient;
let studio: Studio;
let opened: Playable[];
let controls: ControlBlock[];
let end: () => void;

beforeEach(async () => {
  answer = deferred<Preview>();
  opened = [];
  controls = [];
  client = createFakeClient({
    'app:state': async () => ({
      version: '0.1.0',
      settings: fakeSettings,
      presets: [],
      outputFolder: { path: '/out', exists: true },
      opened: { files: [fakeFile('a'), fakeFile('b')], rejected: [] },
    }),
    'settings:save': async () => ({}),
    'models:list': async () => ({ schema: 'sotto.models/1', models: [] }),
    'file:inspect': async ({ fileId }) => ({ input: fileId, facts: fakeFacts, leaks: [], warnings: [] }),
    'file:prepare': async () => ({ facts: fakeFacts, playback, warnings: [] }),
    'outputs:plan': async () => ({ outputs: [] }),
    'file:remove': async () => ({}),
    'preview:start': () => answer.promise,
    'preview:cancel': async () => {
      answer.reject(new AppError('CANCELLED', 'Cancelled.'));
      return {};
    },
  });
  studio = new Studio(client, () => ({
    open: async (playable) => {
      opened.push(playable);
      const control = new ControlBlock(createPlayerMemory(8192));
      controls.push(control);
      return control;
    },
    useLiveWeights: () => undefined,
    close: () => undefined,
  }));
  end = studio.start();
  await vi.waitFor(() => {
    expect(studio.player.loaded).not.toBeNull();
  });
});

afterEach(() => {
  end();
});

const asked = () => client.calls.filter(({ name }) => name === 'preview:start').map(({ input }) => input);
const told = () => studio.messages.list.map(({ text }) => text);

async function previewed(): Promise<void> {
  const done = studio.preview.start();
  answer.resolve(rendered);
  await done;
}

describe('PreviewState', () => {
  it('renders 10 s around the position, plays them in a loop, and leaves the result alone', async () => {
    studio.player.seek(50 * rate);
    await previewed();
    expect(asked()).toEqual([
      {
        fileId: 'a',
        stretch: { startFrame: 45 * rate, endFrame: 55 * rate },
        chain: fakeSettings.job.chain,
      },
    ]);
    const { player, queue } = studio;
    expect(player).toMatchObject({ side: 'preview', position: 45 * rate, playing: true, loop: true });
    const range = { start: 45 * rate, end: 55 * rate };
    expect(player.selection).toEqual(range);
    expect(opened.at(-1)?.rendering).toMatchObject({ url: 'fake://a/preview.pcm', range });
    expect(player.match).toMatchObject({ differenceDb: -6, measured: true });
    expect(queue.selected?.result).toBeNull();
    expect(player.canHear('result')).toBe(false);
  });

  it('renders the selection, of a long one its first minute, and says so', async () => {
    studio.player.select({ start: 3 * rate + 1, end: 7 * rate });
    expect(studio.preview.stretch).toEqual({ range: { start: 3 * rate + 1, end: 7 * rate }, cut: false });
    studio.player.select({ start: 10 * rate, end: 90 * rate });
    await previewed();
    expect(asked()).toMatchObject([{ stretch: { startFrame: 10 * rate, endFrame: 70 * rate } }]);
    expect(told()).toContain(previewWords.cut);
  });

  it('is old once the chain would sound otherwise, but not by a strength that playback applies', async () => {
    await previewed();
    const item = studio.queue.selected!;
    expect(studio.preview.isStale(item)).toBe(false);
    studio.settings.setEnhanceStrength(0.4);
    expect(studio.preview.isStale(item)).toBe(false);
    studio.settings.setFormat('flac');
    expect(studio.preview.isStale(item)).toBe(false);
    studio.settings.setDisguiseOn(true);
    expect(studio.preview.isStale(item)).toBe(true);
    studio.settings.setDisguiseOn(false);
    expect(studio.preview.isStale(item)).toBe(false);
    studio.settings.setEnhanceLevel('phi25');
    expect(studio.preview.isStale(item)).toBe(true);
  });

  it('lets the old one go before it renders a new one, so that it cannot be taken for it', async () => {
    await previewed();
    studio.player.stop();
    answer = deferred<Preview>();
    const second = studio.preview.start();
    expect(studio.queue.selected?.preview).toBeNull();
    await vi.waitFor(() => {
      expect(studio.player.side).toBe('raw');
    });
    client.emit('file:progress', {
      fileId: 'a',
      progress: { phase: 'preview', fraction: 0.5, processedSeconds: 5, etaSeconds: 1, realTimeFactor: 5 },
    });
    expect(studio.queue.selected?.previewing?.progress?.fraction).toBe(0.5);
    expect(studio.queue.selected?.status).toBe('ready');
    await studio.preview.start();
    expect(asked()).toHaveLength(2);
    answer.resolve(rendered);
    await second;
    expect(studio.player.side).toBe('preview');
  });

  it('is cancelled without a word, and a failure says what to do', async () => {
    const first = studio.preview.start();
    expect(studio.preview.running).toBe(true);
    await studio.preview.cancel();
    await first;
    expect(studio.preview.running).toBe(false);
    expect(told()).toEqual([]);
    answer = deferred<Preview>();
    const second = studio.preview.start();
    answer.reject(new AppError('OUTPUT_DISK_FULL', 'Expected 4 MB of free space. Free some.'));
    await second;
    expect(told()).toEqual(['Expected 4 MB of free space. Free some.']);
    expect(studio.player.side).toBe('raw');
  });

  it('is not asked for while no stage runs', async () => {
    studio.settings.setEnhanceOn(false);
    await studio.preview.start();
    expect(asked()).toEqual([]);
    expect(told()).toEqual([previewWords.nothingRuns]);
  });

  it('does not play over another recording that is shown by then', async () => {
    const done = studio.preview.start();
    studio.queue.select('b');
    answer.resolve(rendered);
    await done;
    expect(told()).toEqual([previewWords.readyElsewhere('a.wav')]);
    expect(studio.player).toMatchObject({ playing: false, selection: null });
    studio.queue.select('a');
    await vi.waitFor(() => {
      expect(studio.player.canHear('preview')).toBe(true);
    });
  });

  it('is heard where the switch says so, also after another recording was shown', async () => {
    await previewed();
    studio.player.stop();
    studio.queue.select('b');
    await vi.waitFor(() => {
      expect(studio.player.loaded?.fileId).toBe('b');
    });
    studio.queue.select('a');
    await vi.waitFor(() => {
      expect(studio.player.loaded?.fileId).toBe('a');
    });
    await studio.player.play();
    expect(studio.player.side).toBe('raw');
    expect(controls.at(-1)?.levels.side).toBe(0);
    studio.player.setSide('preview');
    await vi.waitFor(() => {
      expect(opened.at(-1)?.rendering).toMatchObject({ url: 'fake://a/preview.pcm' });
    });
    await vi.waitFor(() => {
      expect(controls.at(-1)?.levels.side).toBe(1);
    });
    expect(studio.player.side).toBe('preview');
  });

  it('goes on being heard with another recording that has one', async () => {
    await previewed();
    studio.queue.select('b');
    await vi.waitFor(() => {
      expect(studio.player.loaded?.fileId).toBe('b');
    });
    await previewed();
    studio.player.stop();
    studio.queue.select('a');
    await vi.waitFor(() => {
      expect(studio.player.loaded?.fileId).toBe('a');
    });
    await studio.player.play();
    expect(opened.at(-1)?.rendering).toMatchObject({ url: 'fake://a/preview.pcm' });
    expect(studio.player.side).toBe('preview');
    expect(controls.at(-1)?.levels.side).toBe(1);
  });

  it('says nothing of a recording that was removed meanwhile', async () => {
    const done = studio.preview.start();
    await studio.queue.remove('a');
    answer.resolve(rendered);
    await done;
    expect(studio.queue.items.map(({ id }) => id)).toEqual(['b']);
    expect(told()).toEqual([]);
    expect(studio.player.playing).toBe(false);
  });

  const meanwhile: [string, () => void][] = [
    ['selected another stretch', () => studio.player.select({ start: 30 * rate, end: 40 * rate })],
    ['went elsewhere', () => studio.player.seek(70 * rate)],
    ['began to play', () => void studio.player.play()],
  ];

  it.each(meanwhile)('only says that it is ready to who %s meanwhile', async (_name, act) => {
    const { player } = studio;
    const done = studio.preview.start();
    act();
    const { selection, position, playing } = player;
    answer.resolve(rendered);
    await done;
    expect(player).toMatchObject({ selection, position, playing, loop: false, side: 'raw' });
    expect(told()).toEqual([previewWords.readyHere('D')]);
    player.setSide('preview');
    expect(player.side).toBe('preview');
  });
});
