import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expandInputs, naturalOrder } from './expand-inputs.js';

describe('expandInputs', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'sotto-expand-')));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function file(name: string, content = 'x'): Promise<string> {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  it('walks folders in natural order and keeps the order of what was named', async () => {
    const names = ['b/take 10.wav', 'b/take 2.WAV', 'b/Take 1.flac', 'b/10/x.mp3', 'b/9/x.opus', 'a/z.m4a'];
    for (const name of names) await file(name);
    const { files, rejected } = await expandInputs([join(folder, 'b'), join(folder, 'a')]);
    expect(rejected).toEqual([]);
    expect(files.map((path) => path.slice(folder.length + 1))).toEqual([
      'b/9/x.opus',
      'b/10/x.mp3',
      'b/Take 1.flac',
      'b/take 2.WAV',
      'b/take 10.wav',
      'a/z.m4a',
    ]);
  });

  it('passes over hidden files and other kinds in folders, but tries whatever is named', async () => {
    await file('d/.hidden.wav');
    await file('d/.git/x.wav');
    await file('d/notes.txt');
    const take = await file('d/take.wav');
    const odd = await file('d/recording.dat');
    const hidden = join(folder, 'd/.hidden.wav');
    expect((await expandInputs([join(folder, 'd')])).files).toEqual([take]);
    expect((await expandInputs([odd, hidden])).files).toEqual([odd, hidden]);
  });

  it('gives a file once, whichever ways lead to it', async () => {
    const take = await file('d/take.wav');
    await symlink(take, join(folder, 'd', 'again.wav'));
    await symlink(join(folder, 'd'), join(folder, 'other'));
    const again = join(folder, 'd', 'again.wav');
    const all = await expandInputs([
      join(folder, 'd'),
      take,
      join(folder, 'other'),
      join(folder, 'd', '.', 'take.wav'),
    ]);
    expect(all).toEqual({ files: [again], rejected: [] });
  });

  it('ends in spite of links that lead back, and passes over links to nothing', async () => {
    const take = await file('d/e/take.wav');
    await symlink(join(folder, 'd'), join(folder, 'd', 'e', 'up'));
    await symlink(join(folder, 'd', 'e', 'self'), join(folder, 'd', 'e', 'self'));
    await symlink(join(folder, 'gone'), join(folder, 'd', 'gone.wav'));
    expect(await expandInputs([join(folder, 'd')])).toEqual({ files: [take], rejected: [] });
  });

  it('rejects what is missing, empty or without recordings, and goes on', async () => {
    const empty = await file('empty.wav', '');
    const take = await file('take.wav');
    await mkdir(join(folder, 'nothing'));
    const missing = join(folder, 'missing.wav');
    const { files, rejected } = await expandInputs([
      missing,
      empty,
      join(folder, 'nothing'),
      take,
      '/dev/null',
    ]);
    expect(files).toEqual([take]);
    expect(rejected.map(({ path, error }) => [path, error.code])).toEqual([
      [missing, 'INPUT_NOT_FOUND'],
      [empty, 'INPUT_EMPTY'],
      [join(folder, 'nothing'), 'INPUT_NOT_FOUND'],
      ['/dev/null', 'INPUT_UNREADABLE'],
    ]);
  });

  it('rejects an empty recording inside a folder by name', async () => {
    const empty = await file('d/empty.wav', '');
    const { rejected } = await expandInputs([join(folder, 'd')]);
    expect(rejected.map(({ path, error }) => [path, error.code])).toEqual([[empty, 'INPUT_EMPTY']]);
  });

  it('takes names with newlines, quotes, emoji and leading dashes', async () => {
    const names = ['-rf.wav', 'a\nb.wav', 'it\'s "q".wav', '🎙️.wav'];
    for (const name of names) await file(`d/${name}`);
    const { files } = await expandInputs([join(folder, 'd')]);
    expect(new Set(files.map((path) => path.slice(folder.length + 3)))).toEqual(new Set(names));
  });

  it('stops when asked to', async () => {
    await file('d/take.wav');
    await expect(expandInputs([join(folder, 'd')], AbortSignal.abort())).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('naturalOrder', () => {
  it('counts numbers as numbers and never calls two names equal', () => {
    expect(['x10', 'x9', 'X9', 'x09'].sort(naturalOrder)).toEqual(
      ['X9', 'x09', 'x9', 'x10'].sort(naturalOrder),
    );
    expect(naturalOrder('x9', 'x10')).toBeLessThan(0);
    expect(naturalOrder('x9', 'X9')).not.toBe(0);
    expect(naturalOrder('x9', 'x9')).toBe(0);
  });
});
