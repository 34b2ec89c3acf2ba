import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeDeadParts } from './dead-parts.js';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-parts-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function part(pid: number): string {
  return `.sotto-${String(pid)}-0123456789abcdef.part`;
}

async function write(name: string, ageMinutes: number): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, 'half');
  const time = new Date(Date.now() - ageMinutes * 60_000);
  await utimes(path, time, time);
}

describe('removeDeadParts', () => {
  const ended = spawnSync(process.execPath, ['-e', '0']).pid;

  it('erases at once what the engine left that has just died', async () => {
    await write(part(ended), 0);
    expect(await removeDeadParts(folder, ended)).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('erases old files of a process that has ended', async () => {
    await write(part(ended), 11);
    expect(await removeDeadParts(folder, null)).toBe(1);
  });

  it('leaves alone what a process that runs is writing, and what another machine may be writing', async () => {
    await write(part(process.pid), 60);
    await write(part(ended), 1);
    expect(await removeDeadParts(folder, null)).toBe(0);
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('touches no other file', async () => {
    const names = ['.sotto-1.part', 'sanitised-001.wav', `.sotto-${String(ended)}-xyz.part`, 'song.part'];
    for (const name of names) await write(name, 60);
    expect(await removeDeadParts(folder, ended)).toBe(0);
    expect((await readdir(folder)).sort()).toEqual([...names].sort());
  });

  it('is content with a folder that is not there', async () => {
    expect(await removeDeadParts(join(folder, 'gone'), null)).toBe(0);
  });
});
