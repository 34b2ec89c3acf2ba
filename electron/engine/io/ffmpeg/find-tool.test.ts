import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTool } from './find-tool.js';

describe('findTool', () => {
  let folder = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sotto-find-tool-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function program(...parts: string[]): Promise<string> {
    const path = join(folder, ...parts);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, '#!/bin/sh\n');
    await chmod(path, 0o755);
    return path;
  }

  it('prefers the variable, then the resources, then PATH', async () => {
    const own = await program('own', 'my-ffmpeg');
    const bundled = await program('resources', 'ffmpeg', 'ffmpeg');
    const installed = await program('bin', 'ffmpeg');
    const environment = { SOTTO_FFMPEG: own, PATH: join(folder, 'bin') };
    const resourcesFolder = join(folder, 'resources');
    const platform = 'linux';
    expect(await findTool('ffmpeg', { environment, resourcesFolder, platform })).toBe(own);
    const { PATH } = environment;
    expect(await findTool('ffmpeg', { environment: { PATH }, resourcesFolder, platform })).toBe(bundled);
    expect(await findTool('ffmpeg', { environment: { PATH }, resourcesFolder: null, platform })).toBe(
      installed,
    );
  });

  it('does not take another program when the variable points to nothing', async () => {
    await program('bin', 'ffprobe');
    const environment = { SOTTO_FFPROBE: join(folder, 'gone'), PATH: join(folder, 'bin') };
    await expect(findTool('ffprobe', { environment, resourcesFolder: null })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('SOTTO_FFPROBE') as string,
    });
  });

  it('says what to install on each system', async () => {
    const missing = { environment: { PATH: folder }, resourcesFolder: null };
    for (const [platform, words] of [
      ['linux', 'apt-get install ffmpeg'],
      ['darwin', 'brew install ffmpeg'],
      ['win32', 'winget install ffmpeg'],
    ] as const) {
      await expect(findTool('ffmpeg', { ...missing, platform })).rejects.toMatchObject({
        code: 'TOOL_MISSING',
        message: expect.stringContaining(words) as string,
      });
    }
  });

  it('never runs what lies in the current folder', async () => {
    await expect(
      findTool('ffmpeg', { environment: { PATH: ':.:' }, resourcesFolder: null, platform: 'linux' }),
    ).rejects.toMatchObject({ code: 'TOOL_MISSING' });
  });

  it('passes over folders and files that may not be run', async () => {
    await mkdir(join(folder, 'a', 'ffmpeg'), { recursive: true });
    await mkdir(join(folder, 'b'));
    await writeFile(join(folder, 'b', 'ffmpeg'), 'text');
    await chmod(join(folder, 'b', 'ffmpeg'), 0o644);
    const good = await program('c', 'ffmpeg');
    const PATH = ['a', 'b', 'c'].map((name) => join(folder, name)).join(':');
    expect(
      await findTool('ffmpeg', { environment: { PATH }, resourcesFolder: null, platform: 'linux' }),
    ).toBe(good);
  });
});
