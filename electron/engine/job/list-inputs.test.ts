import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdsNoRecording, listInputs } from './list-inputs.js';

let folder: string;
const { signal } = new AbortController();

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'sotto-list-')));
});

afterEach(() => rm(folder, { recursive: true }));

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), 'x');
  }
}

async function names(paths: string[], excluded: string | null = null): Promise<string[]> {
  const listed = await listInputs(
    paths.map((path) => join(folder, path)),
    excluded === null ? null : join(folder, excluded),
    signal,
  );
  return listed.map(({ path, error }) => `${path.slice(folder.length + 1)}${error ? ` ${error.code}` : ''}`);
}

describe('listInputs', () => {
  it('keeps everything in the order named, also what cannot be read', async () => {
    await put('b.wav', 'a.wav');
    await mkdir(join(folder, 'empty'));
    expect(await names(['gone.wav', 'b.wav', 'empty', 'a.wav'])).toEqual([
      ...['gone.wav INPUT_NOT_FOUND', 'b.wav', 'empty INPUT_NOT_FOUND', 'a.wav'],
    ]);
  });

  it('keeps an unreadable recording in its place within a folder', async () => {
    await put('d/1.wav', 'd/3.wav');
    await writeFile(join(folder, 'd/2.wav'), '');
    expect(await names(['d'])).toEqual(['d/1.wav', 'd/2.wav INPUT_EMPTY', 'd/3.wav']);
  });

  it('takes what is named as often as it is named, and what lies in folders once', async () => {
    await put('d/a.wav', 'd/b.wav');
    expect(await names(['d/a.wav', 'd/a.wav', 'd', 'd'])).toEqual(['d/a.wav', 'd/a.wav', 'd/b.wav']);
  });

  it('does not take the results of an earlier run that lie inside the folder', async () => {
    await put('d/a.wav', 'd/out/sanitised-001.wav');
    expect(await names(['d'], 'd/out')).toEqual(['d/a.wav']);
    expect(await names(['d/out'], 'd/out')).toEqual(['d/out/sanitised-001.wav']);
    expect(await names(['d'], 'd')).toEqual(['d/a.wav', 'd/out/sanitised-001.wav']);
  });
});

describe('holdsNoRecording', () => {
  it('is true for empty folders alone, not for a file that is missing', async () => {
    await mkdir(join(folder, 'empty'));
    const list = (...paths: string[]): ReturnType<typeof listInputs> =>
      listInputs(
        paths.map((path) => join(folder, path)),
        null,
        signal,
      );
    expect(await holdsNoRecording(await list('empty'))).toBe(true);
    expect(await holdsNoRecording(await list('empty', 'gone.wav'))).toBe(false);
  });
});
