import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Handlers } from '../../contract/channel.js';
import type { WindowContract } from '../../contract/window-contract.js';
import { createHandlers } from './index.js';
import { cancelled, FakeStudio, playback } from './services.fake.js';

const facts = {
  container: 'wav',
  codec: 'pcm_s16le',
  sampleRateHz: 48_000,
  channels: 1,
  bitsPerSample: 16,
  lossless: true,
  declaredSampleFrames: 1,
  sizeBytes: 5,
  otherStreams: [],
};
const prepared = { facts, playback, warnings: [] };

let studio: FakeStudio;
let handlers: Handlers<WindowContract>;

beforeEach(async () => {
  studio = await FakeStudio.open();
  handlers = createHandlers(studio.services);
});

afterEach(async () => {
  await studio.close();
});

describe('opening recordings', () => {
  it('opens what was dropped and refuses what was not', async () => {
    const path = await studio.file('a.wav');
    studio.services.files.grant(path);
    const adding = handlers['files:add']({ paths: [path, '/etc/passwd'] });
    const asked = await studio.askedTimes(1);
    expect(asked.input).toEqual({ paths: [path] });
    asked.resolve({ files: [path], rejected: [] });
    const added = await adding;
    expect(added.files).toMatchObject([{ name: 'a.wav', path, sizeBytes: 5 }]);
    expect(added.rejected).toMatchObject([{ path: '/etc/passwd', error: { code: 'INVALID_ARGUMENT' } }]);
  });

  it('asks the engine nothing when nothing was dropped or chosen', async () => {
    expect((await handlers['files:add']({ paths: ['/etc/passwd'] })).files).toEqual([]);
    expect(await handlers['files:choose']({ kind: 'files' })).toEqual({ files: [], rejected: [] });
    expect(studio.asked).toEqual([]);
  });

  it('rejects a recording that vanishes between being found and being opened', async () => {
    studio.chosen = ['/music'];
    const choosing = handlers['files:choose']({ kind: 'folder' });
    (await studio.askedTimes(1)).resolve({ files: [join(studio.folder, 'gone.wav')], rejected: [] });
    expect((await choosing).rejected).toMatchObject([{ error: { code: 'INPUT_UNREADABLE' } }]);
  });

  it('opens what was named at the start once, and gives the whole queue to a window that is reloaded', async () => {
    const path = await studio.file('a.wav');
    studio.services.startPaths.push(path);
    const first = handlers['app:state']({});
    (await studio.askedTimes(1)).resolve({
      files: [path],
      rejected: [{ path: '/x', error: cancelled.toData() }],
    });
    expect((await first).opened).toMatchObject({ files: [{ path }], rejected: [{ path: '/x' }] });
    const second = await handlers['app:state']({});
    expect(second.opened).toMatchObject({ files: [{ path }], rejected: [] });
    expect(studio.asked).toHaveLength(1);
    const told = ['engine:state', { state: 'ready', message: null }];
    expect(studio.emitted).toEqual([told, told]);
  });
});

describe('preparing', () => {
  it('publishes the playback copy when it is whole and prepares a recording once', async () => {
    const fileId = await studio.queued('a.wav');
    const preparing = handlers['file:prepare']({ fileId });
    const again = handlers['file:prepare']({ fileId });
    const asked = await studio.askedTimes(1);
    await writeFile(join(String(asked.input['cacheFolder']), 'raw.pcm'), 'samples');
    expect(studio.services.cache.locate(fileId, 'raw.pcm')).toBeNull();
    asked.resolve(prepared);
    expect(await preparing).toEqual(prepared);
    expect(await again).toEqual(prepared);
    expect(existsSync(studio.services.cache.locate(fileId, 'raw.pcm') ?? '')).toBe(true);
    expect(await handlers['file:prepare']({ fileId })).toEqual(prepared);
    expect(studio.asked).toHaveLength(1);
  });

  it('leaves nothing of a preparation that failed and tries again when asked again', async () => {
    const fileId = await studio.queued('a.wav');
    const failing = handlers['file:prepare']({ fileId });
    const asked = await studio.askedTimes(1);
    asked.reject(cancelled);
    await expect(failing).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(existsSync(String(asked.input['cacheFolder']))).toBe(false);
    const retry = handlers['file:prepare']({ fileId });
    (await studio.askedTimes(2)).resolve(prepared);
    await expect(retry).resolves.toEqual(prepared);
  });

  it('can be cancelled before the engine hears of it, and leaves nothing', async () => {
    const fileId = await studio.queued('a.wav');
    const preparing = handlers['file:prepare']({ fileId });
    await handlers['job:cancel']({ fileId });
    await expect(preparing).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(studio.asked).toEqual([]);
    const left = await readdir(join(studio.folder, 'sessions'), { recursive: true });
    expect(left.filter((name) => name.includes('raw-'))).toEqual([]);
  });

  it('refuses a recording that is not in the queue', async () => {
    await expect(handlers['file:prepare']({ fileId: 'nobody' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(handlers['file:inspect']({ fileId: 'nobody' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('removing', () => {
  it('cancels what runs, waits for its end and then erases the copies, never the recording', async () => {
    const path = await studio.file('a.wav');
    const { fileId } = studio.services.files.add(path, 5);
    const preparing = handlers['file:prepare']({ fileId });
    const asked = await studio.askedTimes(1);
    const removing = handlers['file:remove']({ fileId });
    expect(studio.cancelled).toEqual([asked.input['taskId']]);
    expect(existsSync(String(asked.input['cacheFolder']))).toBe(true);
    asked.reject(cancelled);
    await expect(preparing).rejects.toMatchObject({ code: 'CANCELLED' });
    await removing;
    expect(existsSync(String(asked.input['cacheFolder']))).toBe(false);
    expect(existsSync(path)).toBe(true);
    await expect(handlers['file:prepare']({ fileId })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
