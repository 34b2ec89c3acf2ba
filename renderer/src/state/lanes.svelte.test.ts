import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../electron/contract/app-error.js';
import type { LanesFacts } from '../../../electron/contract/lanes.js';
import { deferred } from '../api/deferred.fake.js';
import {
  createFakeClient,
  fakeFacts as facts,
  fakeFile,
  fakePlayback as playback,
  fakeSettings,
} from '../api/client.fake.js';
import { laneWords } from '../text/lane-words.js';
import { LanesState } from './lanes.svelte.js';
import { MessagesState } from './messages.svelte.js';
import { QueueState } from './queue.svelte.js';

const prepared = { facts, playback, warnings: [] };
const lanesFacts: LanesFacts = {
  frameSeconds: 1,
  frames: 4,
  noiseLabels: ['rain'],
  summary: { seconds: 4, speechSeconds: 2, unknownSeconds: 0, noise: [], snrDb: 12, f0Hz: 180 },
  untold: [],
};
/** A second without speech, two with, one without. */
const lanesFile = new Float32Array([0.1, 0.9, 0.9, 0.1].flatMap((speech) => [speech, NaN, 12, 0]));

type FakeHandlers = Parameters<typeof createFakeClient>[0];

let end: () => void = () => undefined;

function setUp(handlers: FakeHandlers = {}, ...ids: string[]) {
  const client = createFakeClient({
    'file:inspect': async ({ fileId }) => ({ input: fileId, facts, leaks: [], warnings: [] }),
    'file:prepare': async () => prepared,
    'file:analyse': async () => lanesFacts,
    'file:remove': async () => ({}),
    'job:cancel': async () => ({}),
    ...handlers,
  });
  const messages = new MessagesState();
  const queue = new QueueState(client, messages, () => fakeSettings.job);
  const lanes = new LanesState(client, queue);
  end = lanes.start();
  queue.accept({ files: ids.map((id) => fakeFile(id)), rejected: [] });
  const asked = (name: string) =>
    client.calls
      .filter((call) => call.name === name)
      .map((call) => (call.input as { fileId: string }).fileId);
  return { client, queue, lanes, messages, asked };
}

/** Lets everything that is under way come to an end. */
async function settled(check: () => void): Promise<void> {
  await vi.waitFor(() => {
    flushSync();
    check();
  });
}

const kinds = (queue: QueueState) => queue.items.map((item) => item.lanes.kind);

beforeEach(() => {
  vi.stubGlobal('fetch', async () => new Response(lanesFile));
});

afterEach(() => {
  end();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('LanesState', () => {
  it('analyses one recording after the other, and none before everything is decoded', async () => {
    const last = deferred<typeof prepared>();
    const first = deferred<LanesFacts>();
    const analyse = vi.fn(async () => lanesFacts).mockReturnValueOnce(first.promise);
    const { queue, asked } = setUp(
      {
        'file:prepare': ({ fileId }) => (fileId === 'b' ? last.promise : Promise.resolve(prepared)),
        'file:analyse': analyse,
      },
      'a',
      'b',
    );
    await settled(() => {
      expect(queue.items[1]?.preparing).toBe(true);
    });
    expect(asked('file:analyse')).toEqual([]);
    last.resolve(prepared);
    await settled(() => {
      expect(kinds(queue)).toEqual(['running', 'none']);
    });
    expect(asked('file:analyse')).toEqual(['a']);
    first.resolve(lanesFacts);
    await settled(() => {
      expect(kinds(queue)).toEqual(['ready', 'ready']);
    });
    expect(asked('file:analyse')).toEqual(['a', 'b']);
  });

  it('analyses the selected recording first', async () => {
    const first = deferred<LanesFacts>();
    const analyse = vi.fn(async () => lanesFacts).mockReturnValueOnce(first.promise);
    const { queue, asked } = setUp({ 'file:analyse': analyse }, 'a', 'b', 'c');
    await settled(() => {
      expect(kinds(queue)[0]).toBe('running');
    });
    queue.select('c');
    first.resolve(lanesFacts);
    await settled(() => {
      expect(kinds(queue)).toEqual(['ready', 'ready', 'ready']);
    });
    expect(asked('file:analyse')).toEqual(['a', 'c', 'b']);
  });

  it('leaves the machine to running jobs, except for the recording on screen', async () => {
    const job = deferred<never>();
    const first = deferred<LanesFacts>();
    const analyse = vi.fn(async () => lanesFacts).mockReturnValueOnce(first.promise);
    const { queue, asked } = setUp(
      { 'job:start': () => job.promise, 'file:analyse': analyse },
      'a',
      'b',
      'c',
    );
    await settled(() => {
      expect(kinds(queue)[0]).toBe('running');
    });
    void queue.process('b');
    first.resolve(lanesFacts);
    await settled(() => {
      expect(kinds(queue)[0]).toBe('ready');
    });
    queue.select('c');
    await settled(() => {
      expect(kinds(queue)).toEqual(['ready', 'none', 'ready']);
    });
    job.reject(new AppError('CANCELLED', 'Cancelled.'));
    await settled(() => {
      expect(kinds(queue)).toEqual(['ready', 'ready', 'ready']);
    });
    expect(asked('file:analyse')).toEqual(['a', 'c', 'b']);
  });

  it('keeps a recording usable when it gets no lanes, tells no message, and asks again only when told to', async () => {
    const analyse = vi
      .fn(async () => lanesFacts)
      .mockRejectedValueOnce(
        new AppError('MODEL_NOT_FOUND', 'Expected a gated net, found none. Install one.'),
      );
    const { queue, lanes, messages, asked } = setUp({ 'file:analyse': analyse }, 'a');
    await settled(() => {
      expect(queue.items[0]?.lanes).toMatchObject({ kind: 'failed', error: { code: 'MODEL_NOT_FOUND' } });
    });
    expect(queue.items[0]?.status).toBe('ready');
    expect(queue.toProcess).toHaveLength(1);
    expect(messages.list).toEqual([]);
    expect(asked('file:analyse')).toHaveLength(1);
    lanes.retry('a');
    await settled(() => {
      expect(kinds(queue)).toEqual(['ready']);
    });
  });

  it('shows progress of the analysis without touching the state of the recording or its job', async () => {
    const running = deferred<LanesFacts>();
    const { queue } = setUp({ 'file:analyse': () => running.promise }, 'a');
    await settled(() => {
      expect(kinds(queue)).toEqual(['running']);
    });
    const progress = {
      phase: 'analyse',
      fraction: 0.3,
      processedSeconds: 3,
      etaSeconds: 7,
      realTimeFactor: 90,
    } as const;
    queue.showProgress('a', progress);
    expect(queue.items[0]?.lanes).toEqual({ kind: 'running', progress });
    expect(queue.items[0]?.progress).toBeNull();
    expect(queue.items[0]?.status).toBe('ready');
    running.resolve(lanesFacts);
    await settled(() => {
      expect(kinds(queue)).toEqual(['ready']);
    });
    queue.showProgress('a', progress);
    expect(kinds(queue)).toEqual(['ready']);
  });

  it('goes on with the next recording when the one being analysed is removed', async () => {
    const first = deferred<LanesFacts>();
    const analyse = vi.fn(async () => lanesFacts).mockReturnValueOnce(first.promise);
    const { queue, asked } = setUp({ 'file:analyse': analyse }, 'a', 'b');
    await settled(() => {
      expect(kinds(queue)[0]).toBe('running');
    });
    await queue.remove('a');
    flushSync();
    // One at a time: what was asked for has not ended yet.
    expect(asked('file:analyse')).toEqual(['a']);
    first.reject(new AppError('CANCELLED', 'Cancelled.'));
    await settled(() => {
      expect(kinds(queue)).toEqual(['ready']);
    });
  });

  it('reads the lanes of the recording shown and forgets them with it', async () => {
    const { queue, lanes } = setUp({}, 'a', 'b');
    await settled(() => {
      expect(lanes.values?.at(1)).toMatchObject({ noise: 'rain', snrDb: 12 });
    });
    await queue.remove('a');
    await queue.remove('b');
    flushSync();
    expect(lanes.values).toBeNull();
  });

  it('says why lanes that exist cannot be shown', async () => {
    vi.stubGlobal('fetch', async () => new Response(null, { status: 404 }));
    const { lanes } = setUp({}, 'a');
    await settled(() => {
      expect(lanes.readError).toContain('404');
    });
    expect(lanes.values).toBeNull();
  });

  it('finds speech and pauses, and says so when there is none or nothing is known yet', async () => {
    const { lanes } = setUp({}, 'a');
    expect(lanes.find('speech', 1, 0, 0)).toBeNull();
    expect(lanes.notice).toBe(laneWords.notReady);
    await settled(() => {
      expect(lanes.values).not.toBeNull();
    });
    expect(lanes.find('speech', 1, 0, 0)).toBe(0.5);
    expect(lanes.find('pause', 1, 1, 0)).toBe(2.5);
    expect(lanes.find('speech', 1, 1, 0)).toBeNull();
    expect(lanes.notice).toBe(laneWords.noMore.speech.next);
    expect(lanes.find('pause', -1, 0, 0)).toBeNull();
    expect(lanes.notice).toBe(laneWords.noMore.pause.previous);
  });

  it('takes back what it said after a while', () => {
    vi.useFakeTimers();
    const { lanes } = setUp();
    lanes.say('rain');
    expect(lanes.notice).toBe('rain');
    vi.advanceTimersByTime(60_000);
    expect(lanes.notice).toBe('');
  });
});
