import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expandInputs } from './expand-inputs.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-expand-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), 'x');
  }
}

async function names(paths: string[], excluded: string | null = null): Promise<string[]> {
  const expanded = await expandInputs(paths, excluded);
  return expanded.map(
    ({ path, error }) => `${path.slice(folder.length + 1)}${error ? ` ${error.code}` : ''}`,
  );
}

describe('expandInputs', () => {
  it('walks folders in natural order and takes recordings only', async () => {
    await put(
      'take 10.wav',
      'take 2.WAV',
      'notes.txt',
      '.hidden.wav',
      'sub/a.flac',
      '.git/b.wav',
      '._take 2.wav',
    );
    expect(await names([folder])).toEqual(['sub/a.flac', 'take 2.WAV', 'take 10.wav']);
  });

  it('keeps the order of the named paths and takes a named file whatever its ending', async () => {
    await put('z.bin', 'a.wav');
    expect(await names([join(folder, 'z.bin'), join(folder, 'a.wav')])).toEqual(['z.bin', 'a.wav']);
  });

  it('says for each path why it cannot be read, and goes on', async () => {
    await put('a.wav');
    await mkdir(join(folder, 'empty'));
    const paths = ['gone.wav', 'a.wav', 'empty', 'a.wav/inside.wav'].map((name) => join(folder, name));
    expect(await names(paths)).toEqual([
      'gone.wav INPUT_NOT_FOUND',
      'a.wav',
      'empty INPUT_NOT_FOUND',
      'a.wav/inside.wav INPUT_NOT_FOUND',
    ]);
  });

  it('does not take the results of an earlier run that lie inside the folder', async () => {
    await put('a.wav', 'out/sanitised-001.wav');
    expect(await names([folder], join(folder, 'out'))).toEqual(['a.wav']);
    expect(await names([join(folder, 'out')], join(folder, 'out'))).toEqual(['out/sanitised-001.wav']);
  });

  it('does not follow linked folders, which may form a circle, nor dangling links', async () => {
    await put('a.wav');
    await symlink(folder, join(folder, 'circle'));
    await symlink(join(folder, 'gone.wav'), join(folder, 'dangling.wav'));
    expect(await names([folder])).toEqual(['a.wav']);
  });

  it('refuses a device without reading it', async () => {
    const expanded = await expandInputs(['/dev/null']);
    expect(expanded[0]?.error?.code).toBe('INPUT_UNREADABLE');
  });
});
