import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Handlers } from '../../contract/channel.js';
import type { WindowContract } from '../../contract/window-contract.js';
import { createHandlers } from './index.js';
import { cancelled, FakeStudio, plainJob, playback } from './services.fake.js';

const stretch = { startFrame: 100, endFrame: 200 };
const chain = { disguise: { strength: 1, alpha: 0.7 } } as const;
const loudness = { rawLufs: -20, resultLufs: -22, method: 'ungated' } as const;
const answer = { playback: { ...playback, sampleFrames: 100 }, loudness, warnings: [] };

let studio: FakeStudio;
let handlers: Handlers<WindowContract>;

beforeEach(async () => {
  studio = await FakeStudio.open();
  handlers = createHandlers(studio.services);
});

afterEach(async () => {
  await studio.close();
});

/** @returns the id of a recording that was decoded; the engine was asked once for it */
async function decoded(): Promise<string> {
  const fileId = await studio.queued('a.wav');
  const preparing = handlers['file:prepare']({ fileId });
  const asked = await studio.askedTimes(1);
  await writeFile(join(String(asked.input['cacheFolder']), 'raw.pcm'), 'raw');
  asked.resolve({ facts: {}, playback, warnings: [] });
  await preparing;
  return fileId;
}

describe('a preview', () => {
  it('is rendered from the copy of the raw recording, served when it is whole, and goes with the recording', async () => {
    const { cache } = studio.services;
    const fileId = await decoded();
    const rendering = handlers['preview:start']({ fileId, stretch, chain });
    const { name, input, resolve } = await studio.askedTimes(2);
    expect(name).toBe('preview:render');
    expect(input).toMatchObject({ source: cache.locate(fileId, 'raw.pcm'), playback, stretch, chain });
    await writeFile(join(String(input['cacheFolder']), 'preview.pcm'), 'sound');
    expect(cache.locate(fileId, 'preview.pcm')).toBeNull();
    resolve(answer);
    expect(await rendering).toEqual(answer);
    const served = cache.locate(fileId, 'preview.pcm') ?? '';
    expect(existsSync(served)).toBe(true);
    // It is no result: nothing is in the output folder, no name was taken, there is nothing to report.
    expect(existsSync(join(studio.folder, 'out'))).toBe(false);
    expect(cache.locate(fileId, 'result.pcm')).toBeNull();
    expect(await handlers['report:share']({})).toEqual({ path: null });
    await handlers['file:remove']({ fileId });
    expect(existsSync(served)).toBe(false);
  });

  it('waits for the export that runs and goes before those that wait', async () => {
    const fileId = await decoded();
    const other = await studio.queued('b.wav');
    const exports = [fileId, other].map((id) => handlers['job:start']({ fileId: id, settings: plainJob }));
    const running = await studio.askedTimes(2);
    const rendering = handlers['preview:start']({ fileId, stretch, chain });
    running.resolve(studio.done(running));
    const next = await studio.askedTimes(3);
    expect(next.name).toBe('preview:render');
    expect(studio.asked).toHaveLength(3);
    next.resolve(answer);
    await rendering;
    const last = await studio.askedTimes(4);
    expect(last.name).toBe('job:run');
    last.resolve(studio.done(last));
    await Promise.all(exports);
    expect(studio.batches).toEqual([{ done: 2, failed: 0 }]);
  });

  it('is called off alone: waiting at once, running by the engine, and nothing of it stays', async () => {
    const fileId = await decoded();
    const exporting = handlers['job:start']({ fileId, settings: plainJob });
    const running = await studio.askedTimes(2);
    const waiting = handlers['preview:start']({ fileId, stretch, chain });
    await handlers['preview:cancel']({ fileId });
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(studio.cancelled).toEqual([]);
    running.resolve(studio.done(running));
    await exporting;

    const rendering = handlers['preview:start']({ fileId, stretch, chain });
    const asked = await studio.askedTimes(3);
    await handlers['job:cancel']({ fileId });
    expect(studio.cancelled).toEqual([]);
    await handlers['preview:cancel']({ fileId });
    expect(studio.cancelled).toEqual([asked.input['taskId']]);
    asked.reject(cancelled);
    await expect(rendering).rejects.toMatchObject({ code: 'CANCELLED' });
    const left = await readdir(dirname(String(asked.input['cacheFolder'])));
    expect(left.filter((name) => name.startsWith('preview'))).toEqual([]);
  });

  it('is refused with what to do while another one runs, and before the recording is decoded', async () => {
    const early = await studio.queued('early.wav');
    const tooEarly = handlers['preview:start']({ fileId: early, stretch, chain });
    await expect(tooEarly).rejects.toMatchObject({ message: /Wait for its waveform/ });
    const fileId = await decoded();
    const rendering = handlers['preview:start']({ fileId, stretch, chain });
    const second = handlers['preview:start']({ fileId, stretch, chain });
    await expect(second).rejects.toMatchObject({ message: /Wait for it, or cancel it/ });
    (await studio.askedTimes(2)).resolve(answer);
    await rendering;
  });
});
