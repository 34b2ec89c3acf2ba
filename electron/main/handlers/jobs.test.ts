import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../contract/app-error.js';
import type { Handlers } from '../../contract/channel.js';
import type { WindowContract } from '../../contract/window-contract.js';
import { createHandlers } from './index.js';
import { cancelled, FakeStudio, plainJob } from './services.fake.js';

let studio: FakeStudio;
let handlers: Handlers<WindowContract>;

beforeEach(async () => {
  studio = await FakeStudio.open();
  handlers = createHandlers(studio.services);
});

afterEach(async () => {
  await studio.close();
});

describe('job:start', () => {
  it('writes to the planned name, never over a file, and serves the result', async () => {
    const fileId = await studio.queued('a.wav');
    const { outputs } = await handlers['outputs:plan']({ fileIds: [fileId], settings: plainJob });
    const job = handlers['job:start']({ fileId, settings: plainJob });
    const asked = await studio.askedTimes(1);
    expect(asked.input).toMatchObject({
      input: join(studio.folder, 'a.wav'),
      output: outputs[0]?.output,
      overwrite: false,
    });
    asked.resolve(studio.done(asked));
    expect((await job).report.status).toBe('done');
    expect(studio.services.cache.locate(fileId, 'result.pcm')).toBe(
      join(String(asked.input['cacheFolder']), 'result.pcm'),
    );
  });

  it('lets jobs wait for each other and tells of the batch once, when all have ended', async () => {
    const [a, b, c] = [
      await studio.queued('a.wav'),
      await studio.queued('b.wav'),
      await studio.queued('c.wav'),
    ];
    const jobs = [a, b, c].map((fileId) => handlers['job:start']({ fileId, settings: plainJob }));
    const first = await studio.askedTimes(1);
    first.resolve(studio.done(first));
    const second = await studio.askedTimes(2);
    const error = new AppError('INPUT_EMPTY', 'empty').toData();
    second.resolve({
      report: { input: second.input['input'], output: null, status: 'failed', error },
      playback: null,
    });
    const third = await studio.askedTimes(3);
    expect(studio.batches).toEqual([]);
    third.resolve(studio.done(third));
    expect((await Promise.all(jobs)).map(({ report }) => report.status)).toEqual(['done', 'failed', 'done']);
    expect(studio.batches).toEqual([{ done: 2, failed: 1 }]);
  });

  it('reports a recording that cannot be written as failed, without asking the engine to run it', async () => {
    await studio.services.settings.saveOutputFolder('/gone');
    const fileId = await studio.queued('a.wav');
    const problem = new AppError('OUTPUT_FOLDER_MISSING', 'no folder');
    const failing = { ...studio.services, plans: { reserve: () => Promise.reject(problem) } };
    const own = createHandlers(failing as unknown as typeof studio.services);
    const { report } = await own['job:start']({ fileId, settings: plainJob });
    expect(report).toMatchObject({
      status: 'failed',
      output: null,
      error: { code: 'OUTPUT_FOLDER_MISSING' },
    });
    expect(studio.asked).toEqual([]);
  });

  it('takes the next free name when its own was taken while it ran, as by itself before the engine died', async () => {
    const fileId = await studio.queued('a.wav');
    const job = handlers['job:start']({ fileId, settings: plainJob });
    const first = await studio.askedTimes(1);
    await writeFile(String(first.input['output']), 'whole, but nobody said so');
    const error = new AppError('OUTPUT_EXISTS', 'taken').toData();
    const input = first.input['input'];
    first.resolve({ report: { input, output: null, status: 'failed', error }, playback: null });
    const second = await studio.askedTimes(2);
    expect(second.input['output']).not.toBe(first.input['output']);
    expect(second.input['overwrite']).toBe(false);
    second.resolve(studio.done(second));
    expect((await job).report).toMatchObject({
      status: 'done',
      output: second.input['output'],
      warnings: [{ code: 'OUTPUT_RENAMED' }],
    });
    expect(studio.batches).toEqual([{ done: 1, failed: 0 }]);
  });

  it('makes the default folder before names are planned in it', async () => {
    const fileId = await studio.queued('a.wav');
    await handlers['outputs:plan']({ fileIds: [fileId], settings: plainJob });
    expect(existsSync(join(studio.folder, 'out'))).toBe(true);
  });

  it('refuses to process one recording twice at the same time', async () => {
    const fileId = await studio.queued('a.wav');
    const job = handlers['job:start']({ fileId, settings: plainJob });
    await expect(handlers['job:start']({ fileId, settings: plainJob })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    const asked = await studio.askedTimes(1);
    asked.resolve(studio.done(asked));
    await job;
  });

  it('keeps the earlier result when a further job fails', async () => {
    const fileId = await studio.queued('a.wav');
    const first = handlers['job:start']({ fileId, settings: plainJob });
    const asked = await studio.askedTimes(1);
    asked.resolve(studio.done(asked));
    await first;
    const kept = studio.services.cache.locate(fileId, 'result.pcm');
    const second = handlers['job:start']({ fileId, settings: plainJob });
    (await studio.askedTimes(2)).reject(new AppError('ENGINE_CRASHED', 'gone'));
    await expect(second).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
    expect(studio.services.cache.locate(fileId, 'result.pcm')).toBe(kept);
  });
});

describe('job:cancel', () => {
  it('calls off a job that waits before the engine hears of it', async () => {
    const [a, b] = [await studio.queued('a.wav'), await studio.queued('b.wav')];
    const running = handlers['job:start']({ fileId: a, settings: plainJob });
    const asked = await studio.askedTimes(1);
    const waiting = handlers['job:start']({ fileId: b, settings: plainJob });
    await handlers['job:cancel']({ fileId: b });
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    asked.resolve(studio.done(asked));
    await running;
    expect(studio.asked).toHaveLength(1);
  });

  it('cancels a job that runs and erases its half result', async () => {
    const fileId = await studio.queued('a.wav');
    const job = handlers['job:start']({ fileId, settings: plainJob });
    const asked = await studio.askedTimes(1);
    await handlers['job:cancel']({ fileId });
    expect(studio.cancelled).toEqual([asked.input['taskId']]);
    asked.reject(cancelled);
    await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(existsSync(String(asked.input['cacheFolder']))).toBe(false);
    expect(studio.batches).toEqual([{ done: 0, failed: 0 }]);
  });

  it('reaches a job that has its turn but has not reached the engine', async () => {
    const fileId = await studio.queued('a.wav');
    const job = handlers['job:start']({ fileId, settings: plainJob });
    await handlers['job:cancel']({ fileId });
    await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(studio.asked).toEqual([]);
  });
});

describe('report:share', () => {
  it('covers the recordings that were finished, and is null without any', async () => {
    expect(await handlers['report:share']({})).toEqual({ path: null });
    const fileId = await studio.queued('a.wav');
    const job = handlers['job:start']({ fileId, settings: plainJob });
    const asked = await studio.askedTimes(1);
    asked.resolve(studio.done(asked));
    const { report } = await job;
    const sharing = handlers['report:share']({});
    const share = await studio.askedTimes(2);
    expect(share.input).toEqual({ folder: join(studio.folder, 'out'), files: [report] });
    share.resolve({ path: '/out/sotto-report.json' });
    expect(await sharing).toEqual({ path: '/out/sotto-report.json' });
    await handlers['file:remove']({ fileId });
    expect(await handlers['report:share']({})).toEqual({ path: null });
  });
});

describe('output:reveal', () => {
  it('selects a result that is there and says what to do about one that is not', async () => {
    const fileId = await studio.queued('a.wav');
    const job = handlers['job:start']({ fileId, settings: plainJob });
    const asked = await studio.askedTimes(1);
    asked.resolve(studio.done(asked));
    const { report } = await job;
    await expect(handlers['output:reveal']({ fileId })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await writeFile(report.output ?? '', 'sound');
    await handlers['output:reveal']({ fileId });
    await handlers['output:reveal']({ fileId: null });
    expect(studio.selected).toEqual([report.output, join(studio.folder, 'out')]);
  });

  it('keeps the folder when the user changes their mind', async () => {
    expect((await handlers['output:choose']({})).path).toBe(join(studio.folder, 'out'));
    studio.chosen = [studio.folder];
    expect(await handlers['output:choose']({})).toEqual({ path: studio.folder, exists: true });
  });
});
