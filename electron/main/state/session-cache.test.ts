import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SessionCache } from './session-cache.js';

let base = '';
let root = '';

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'sotto-cache-'));
  root = join(base, 'sessions');
});

afterEach(async () => {
  await rm(base, { recursive: true });
});

describe('SessionCache', () => {
  it('keeps other users out', async () => {
    const cache = await SessionCache.open(root);
    const folder = await cache.newFolder('f1', 'raw');
    for (const path of [root, join(root, (await readdir(root))[0] ?? ''), folder]) {
      expect((await stat(path)).mode & 0o777).toBe(0o700);
    }
  });

  it('erases what a crashed session left behind', async () => {
    await mkdir(join(root, 'old', 'f1'), { recursive: true });
    await writeFile(join(root, 'old', 'f1', 'raw.pcm'), 'voice');
    await SessionCache.open(root);
    expect(existsSync(join(root, 'old'))).toBe(false);
  });

  it('serves nothing before it is published', async () => {
    const cache = await SessionCache.open(root);
    const folder = await cache.newFolder('f1', 'result');
    expect(cache.locate('f1', 'result.pcm')).toBeNull();
    await cache.publish('f1', 'result', folder);
    expect(cache.locate('f1', 'result.pcm')).toBe(join(folder, 'result.pcm'));
    expect(cache.locate('f1', 'raw.pcm')).toBeNull();
    expect(cache.locate('f2', 'result.pcm')).toBeNull();
    const lanes = await cache.newFolder('f1', 'lanes');
    expect(cache.locate('f1', 'raw.lanes')).toBeNull();
    await cache.publish('f1', 'lanes', lanes);
    expect(cache.locate('f1', 'raw.lanes')).toBe(join(lanes, 'raw.lanes'));
    expect(cache.locate('f1', 'raw.pcm')).toBeNull();
  });

  it('keeps the old result until the new one is there, then erases it', async () => {
    const cache = await SessionCache.open(root);
    const first = await cache.newFolder('f1', 'result');
    await cache.publish('f1', 'result', first);
    const second = await cache.newFolder('f1', 'result');
    expect(cache.locate('f1', 'result.pcm')).toBe(join(first, 'result.pcm'));
    await cache.publish('f1', 'result', second);
    expect(cache.locate('f1', 'result.pcm')).toBe(join(second, 'result.pcm'));
    expect(existsSync(first)).toBe(false);
  });

  it('erases one recording, and everything at the end', async () => {
    const cache = await SessionCache.open(root);
    const folder = await cache.newFolder('f1', 'raw');
    await writeFile(join(folder, 'raw.pcm'), 'voice');
    await cache.publish('f1', 'raw', folder);
    await cache.remove('f1');
    expect(existsSync(folder)).toBe(false);
    expect(cache.locate('f1', 'raw.pcm')).toBeNull();
    await cache.erase();
    expect(existsSync(root)).toBe(false);
  });
});
