import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Handlers } from '../../contract/channel.js';
import type { LanesFacts } from '../../contract/lanes.js';
import type { WindowContract } from '../../contract/window-contract.js';
import { createHandlers } from './index.js';
import { cancelled, FakeStudio } from './services.fake.js';

const facts: LanesFacts = {
  frameSeconds: 0.016,
  frames: 1,
  noiseLabels: ['rain', 'wind'],
  untold: [],
  summary: { seconds: 0, speechSeconds: 0, unknownSeconds: 0, noise: [], snrDb: null, f0Hz: null },
};

let studio: FakeStudio;
let handlers: Handlers<WindowContract>;

beforeEach(async () => {
  studio = await FakeStudio.open();
  handlers = createHandlers(studio.services);
});

afterEach(async () => {
  await studio.close();
});

describe('analysing', () => {
  it('serves the lanes when they are whole and analyses a recording once', async () => {
    const fileId = await studio.queued('a.wav');
    const analysing = handlers['file:analyse']({ fileId });
    const again = handlers['file:analyse']({ fileId });
    const asked = await studio.askedTimes(1);
    expect(asked.name).toBe('input:analyse');
    expect(asked.input['path']).toBe(studio.services.files.get(fileId).path);
    await writeFile(join(String(asked.input['cacheFolder']), 'raw.lanes'), 'lanes');
    expect(studio.services.cache.locate(fileId, 'raw.lanes')).toBeNull();
    asked.resolve(facts);
    expect(await analysing).toEqual(facts);
    expect(await again).toEqual(facts);
    expect(existsSync(studio.services.cache.locate(fileId, 'raw.lanes') ?? '')).toBe(true);
    expect(await handlers['file:analyse']({ fileId })).toEqual(facts);
    expect(studio.asked).toHaveLength(1);
  });

  it('takes one recording after the other, and leaves out what was called off while it waited', async () => {
    const [first, second, third] = [
      await studio.queued('a.wav'),
      await studio.queued('b.wav'),
      await studio.queued('c.wav'),
    ];
    const running = handlers['file:analyse']({ fileId: first });
    const waiting = handlers['file:analyse']({ fileId: second });
    const last = handlers['file:analyse']({ fileId: third });
    const asked = await studio.askedTimes(1);
    const removing = handlers['file:remove']({ fileId: second });
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    await removing;
    asked.resolve(facts);
    await running;
    const next = await studio.askedTimes(2);
    expect(next.input['path']).toBe(studio.services.files.get(third).path);
    next.resolve(facts);
    await last;
  });

  it('goes on when the export of the same recording is cancelled, whether it runs or waits', async () => {
    const [first, second] = [await studio.queued('a.wav'), await studio.queued('b.wav')];
    const running = handlers['file:analyse']({ fileId: first });
    const waiting = handlers['file:analyse']({ fileId: second });
    const asked = await studio.askedTimes(1);
    for (const fileId of [first, second]) await handlers['job:cancel']({ fileId });
    expect(studio.cancelled).toEqual([]);
    asked.resolve(facts);
    (await studio.askedTimes(2)).resolve(facts);
    expect(await Promise.all([running, waiting])).toEqual([facts, facts]);
  });

  it('leaves nothing of an analysis that failed and tries again when asked again', async () => {
    const fileId = await studio.queued('a.wav');
    const analysing = handlers['file:analyse']({ fileId });
    const asked = await studio.askedTimes(1);
    asked.reject(cancelled);
    await expect(analysing).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(existsSync(String(asked.input['cacheFolder']))).toBe(false);
    const retry = handlers['file:analyse']({ fileId });
    (await studio.askedTimes(2)).resolve(facts);
    await expect(retry).resolves.toEqual(facts);
  });

  it('erases the lanes with the recording, once nobody writes them any more', async () => {
    const fileId = await studio.queued('a.wav');
    const analysing = handlers['file:analyse']({ fileId });
    const asked = await studio.askedTimes(1);
    const removing = handlers['file:remove']({ fileId });
    expect(studio.cancelled).toEqual([asked.input['taskId']]);
    expect(existsSync(String(asked.input['cacheFolder']))).toBe(true);
    asked.reject(cancelled);
    await expect(analysing).rejects.toMatchObject({ code: 'CANCELLED' });
    await removing;
    expect(existsSync(String(asked.input['cacheFolder']))).toBe(false);
    await expect(handlers['file:analyse']({ fileId })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('listening live', () => {
  it('gets the weights of the level asked for, which the engine has checked', async () => {
    const weights = { model: 'm', level: 'phi25', sha256: 'a', gates: true, onnx: Uint8Array.of(1, 2) };
    const asking = handlers['live:weights']({ level: 'phi25' });
    const asked = await studio.askedTimes(1);
    expect(asked.name).toBe('frame-weights');
    expect(asked.input).toEqual({ level: 'phi25' });
    asked.resolve(weights);
    expect(await asking).toEqual(weights);
  });
});
