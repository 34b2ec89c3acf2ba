import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../electron/contract/app-error.js';
import type { Inspection } from '../../../electron/contract/inspection.js';
import type { JobSettings } from '../../../electron/contract/job.js';
import type { FileReport } from '../../../electron/contract/report.js';
import { deferred } from '../api/deferred.fake.js';
import {
  createFakeClient,
  fakeFacts as facts,
  fakeFile,
  fakePlayback as playback,
  fakeSettings,
} from '../api/client.fake.js';
import { MessagesState } from './messages.svelte.js';
import { QueueState } from './queue.svelte.js';

const done = (fileId: string): FileReport => ({
  input: `/${fileId}.wav`,
  output: `/out/${fileId}.wav`,
  status: 'done',
});

type FakeHandlers = Parameters<typeof createFakeClient>[0];

function setUp(handlers: FakeHandlers = {}) {
  const client = createFakeClient({
    'file:inspect': async ({ fileId }) => ({ input: fileId, facts, leaks: [], warnings: [] }),
    'file:prepare': async () => ({ facts, playback, warnings: [] }),
    'job:start': async ({ fileId }) => ({ report: done(fileId), playback }),
    'job:cancel': async () => ({}),
    'file:remove': async () => ({}),
    ...handlers,
  });
  const messages = new MessagesState();
  let settings = $state.raw<JobSettings>(fakeSettings.job);
  const queue = new QueueState(client, messages, () => settings);
  const started = () =>
    client.calls
      .filter((call) => call.name === 'job:start')
      .map((call) => (call.input as { fileId: string }).fileId);
  return { client, messages, queue, started, use: (next: JobSettings) => (settings = next) };
}

const statuses = (queue: QueueState) => queue.items.map((item) => item.status);
const added = (...ids: string[]) => ({ files: ids.map((id) => fakeFile(id)), rejected: [] });

describe('QueueState', () => {
  it('takes recordings in once, selects the first and prepares them one after the other', async () => {
    const { queue, client } = setUp();
    queue.accept(added('a', 'b'));
    queue.accept(added('b', 'c'));
    expect(queue.items.map((item) => item.id)).toEqual(['a', 'b', 'c']);
    expect(queue.selected?.id).toBe('a');
    await vi.waitFor(() => {
      expect(statuses(queue)).toEqual(['ready', 'ready', 'ready']);
    });
    expect(client.calls.filter((call) => call.name === 'file:prepare')).toHaveLength(3);
  });

  it('prepares the selected recording before the others', async () => {
    const first = deferred<Awaited<ReturnType<NonNullable<FakeHandlers['file:prepare']>>>>();
    const prepare = vi
      .fn(() => Promise.resolve({ facts, playback, warnings: [] }))
      .mockReturnValueOnce(first.promise as never);
    const { queue, client } = setUp({ 'file:prepare': prepare });
    queue.accept(added('a', 'b', 'c'));
    queue.select('c');
    first.resolve({ facts, playback, warnings: [] });
    await vi.waitFor(() => {
      expect(statuses(queue)).toEqual(['ready', 'ready', 'ready']);
    });
    const order = client.calls
      .filter((call) => call.name === 'file:prepare')
      .map((call) => (call.input as { fileId: string }).fileId);
    expect(order).toEqual(['a', 'c', 'b']);
  });

  it('goes on with the rest when one recording fails', async () => {
    const { queue, started } = setUp({
      'job:start': async ({ fileId }) => {
        if (fileId === 'b') throw new AppError('OUTPUT_DISK_FULL', 'Expected room, found none. Free some.');
        return {
          report:
            fileId === 'c'
              ? { ...done(fileId), status: 'failed', error: { code: 'MODEL_FAILED', message: 'No.' } }
              : done(fileId),
          playback,
        };
      },
    });
    queue.accept(added('a', 'b', 'c', 'd'));
    await vi.waitFor(() => {
      expect(statuses(queue)).toEqual(['ready', 'ready', 'ready', 'ready']);
    });
    await queue.processAll();
    expect(started()).toEqual(['a', 'b', 'c', 'd']);
    expect(statuses(queue)).toEqual(['done', 'failed', 'failed', 'done']);
    expect(queue.items[1]?.failure?.error.message).toContain('Free some');
    expect(queue.items[2]?.failure?.error.code).toBe('MODEL_FAILED');
    expect(queue.batch).toBeNull();
  });

  it('does not process what cannot be read, and reads it again on retry', async () => {
    let readable = false;
    const { queue, started } = setUp({
      'file:prepare': async () => {
        if (!readable) throw new AppError('INPUT_NOT_AUDIO', 'Expected sound.');
        return { facts, playback, warnings: [] };
      },
    });
    queue.accept(added('a'));
    await vi.waitFor(() => {
      expect(statuses(queue)).toEqual(['failed']);
    });
    await queue.processAll();
    expect(started()).toEqual([]);
    readable = true;
    queue.retry('a');
    await vi.waitFor(() => {
      expect(statuses(queue)).toEqual(['ready']);
    });
  });

  it('exports a recording whose playback copy does not fit on the disk, and shows it as done', async () => {
    const full = () => Promise.reject(new AppError('OUTPUT_DISK_FULL', 'No room for the playback copy.'));
    const { queue, started } = setUp({ 'file:prepare': full });
    queue.accept(added('long'));
    await vi.waitFor(() => expect(statuses(queue)).toEqual(['failed']));
    await queue.processAll();
    expect(started()).toEqual(['long']);
    await vi.waitFor(() => expect(statuses(queue)).toEqual(['done']));
    expect(queue.items.some((item) => queue.needsProcessing(item))).toBe(false);
  });

  it('does not begin to decode what was stopped while its container was read', async () => {
    const reading = deferred<Inspection>();
    const { client, queue } = setUp({ 'file:inspect': () => reading.promise });
    queue.accept(added('a'));
    await queue.cancel('a');
    reading.resolve({ input: 'a', facts, leaks: [], warnings: [] });
    await vi.waitFor(() => expect(statuses(queue)).toEqual(['cancelled']));
    expect(client.calls.some(({ name }) => name === 'file:prepare')).toBe(false);
  });

  it('marks a result as changed when other settings are set, and processes it again', async () => {
    const { queue, started, use } = setUp();
    queue.accept(added('a'));
    await queue.processAll();
    const [item] = queue.items;
    expect(item && queue.isChanged(item)).toBe(false);
    expect(queue.toProcess).toHaveLength(0);
    use({ ...fakeSettings.job, chain: { enhance: { strength: 0.5, level: 'fp32' } } });
    expect(item && queue.isChanged(item)).toBe(true);
    await queue.processAll();
    expect(started()).toEqual(['a', 'a']);
    expect(item?.result?.version).toBe(2);
  });

  it('shows progress of the running recording only', async () => {
    const job = deferred<Awaited<ReturnType<NonNullable<FakeHandlers['job:start']>>>>();
    const { queue } = setUp({ 'job:start': () => job.promise });
    queue.accept(added('a', 'b'));
    await vi.waitFor(() => {
      expect(statuses(queue)).toEqual(['ready', 'ready']);
    });
    const all = queue.processAll();
    const progress = {
      phase: 'process',
      fraction: 0.5,
      processedSeconds: 1,
      etaSeconds: 1,
      realTimeFactor: 60,
    } as const;
    queue.showProgress('a', progress);
    queue.showProgress('b', { ...progress, phase: 'prepare' });
    expect(queue.items[0]?.progress).toEqual(progress);
    expect(queue.items[1]?.progress).toBeNull();
    expect(statuses(queue)).toEqual(['processing', 'queued']);
    expect(queue.batch).toEqual({ finished: 0, total: 2 });
    job.resolve({ report: done('a'), playback });
    await all;
    expect(queue.items[0]?.progress).toBeNull();
  });

  it('stops one recording while the others go on; a stop is not a failure', async () => {
    const job = deferred<Awaited<ReturnType<NonNullable<FakeHandlers['job:start']>>>>();
    const start = vi.fn(async ({ fileId }: { fileId: string }) => ({ report: done(fileId), playback }));
    start.mockReturnValueOnce(job.promise as never);
    const { queue, client, messages } = setUp({
      'job:start': start,
      'job:cancel': async () => {
        job.reject(new AppError('CANCELLED', 'Cancelled.'));
        return {};
      },
    });
    queue.accept(added('a', 'b'));
    await vi.waitFor(() => {
      expect(statuses(queue)).toEqual(['ready', 'ready']);
    });
    const all = queue.processAll();
    await queue.cancel('a');
    await all;
    expect(statuses(queue)).toEqual(['cancelled', 'done']);
    expect(client.calls.some((call) => call.name === 'job:cancel')).toBe(true);
    expect(messages.list).toEqual([]);
    queue.retry('a');
    await vi.waitFor(() => {
      expect(statuses(queue)).toEqual(['done', 'done']);
    });
  });

  it('stops the whole batch from its end, so that no waiting one starts', async () => {
    const jobs = new Map<string, ReturnType<typeof deferred<never>>>();
    const { queue, client } = setUp({
      'job:start': ({ fileId }) => {
        const job = deferred<never>();
        jobs.set(fileId, job);
        return job.promise;
      },
      'job:cancel': async ({ fileId }) => {
        jobs.get(fileId)?.reject(new AppError('CANCELLED', 'Cancelled.'));
        return {};
      },
    });
    queue.accept(added('a', 'b', 'c'));
    const all = queue.processAll();
    await queue.cancelAll();
    await all;
    const order = client.calls
      .filter((call) => call.name === 'job:cancel')
      .map((call) => (call.input as { fileId: string }).fileId);
    expect(order).toEqual(['c', 'b', 'a']);
    expect(statuses(queue)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(queue.batch).toBeNull();
  });

  it('hands jobs over with the settings of the moment at which they were ordered', async () => {
    const { queue, client, use } = setUp();
    queue.accept(added('a', 'b'));
    const all = queue.processAll();
    use({ ...fakeSettings.job, chain: {} });
    await all;
    const settings = client.calls
      .filter((call) => call.name === 'job:start')
      .map((call) => (call.input as { settings: JobSettings }).settings);
    expect(settings).toEqual([fakeSettings.job, fakeSettings.job]);
    expect(queue.items.every((item) => queue.isChanged(item))).toBe(true);
  });

  it('decodes for the waveform while the job waits its turn', async () => {
    const job = deferred<Awaited<ReturnType<NonNullable<FakeHandlers['job:start']>>>>();
    const { queue } = setUp({ 'job:start': () => job.promise });
    queue.accept(added('a', 'b'));
    const all = queue.processAll();
    await vi.waitFor(() => {
      expect(queue.items.every((item) => item.prepared !== null)).toBe(true);
    });
    expect(statuses(queue)).toEqual(['queued', 'queued']);
    job.resolve({ report: done('a'), playback });
    await all;
    expect(statuses(queue)).toEqual(['done', 'done']);
  });

  it('removes a recording, selects its neighbour and tells the main process', async () => {
    const { queue, client } = setUp();
    queue.accept(added('a', 'b', 'c'));
    queue.select('b');
    await queue.remove('b');
    expect(queue.selected?.id).toBe('c');
    await queue.remove('c');
    expect(queue.selected?.id).toBe('a');
    await queue.remove('a');
    expect(queue.selected).toBeNull();
    expect(client.calls.filter((call) => call.name === 'file:remove')).toHaveLength(3);
  });

  it('moves the selection by rows and stops at the ends', () => {
    const { queue } = setUp();
    queue.accept(added('a', 'b', 'c'));
    expect(queue.selectBy(-1)).toBe('a');
    expect(queue.selectBy(1)).toBe('b');
    expect(queue.selectBy(5)).toBe('c');
  });

  it('tells which files were not taken, with the reason of each', () => {
    const { queue, messages } = setUp();
    queue.accept({
      files: [],
      rejected: [
        {
          path: 'C:\\music\\empty.wav',
          error: { code: 'INPUT_EMPTY', message: 'Expected sound, found nothing.' },
        },
      ],
    });
    expect(messages.list[0]?.text).toBe('1 file was not added');
    expect(messages.list[0]?.details).toEqual(['empty.wav: Expected sound, found nothing.']);
  });
});
