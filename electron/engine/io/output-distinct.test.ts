import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertDistinct } from './output-distinct.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-distinct-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('assertDistinct', () => {
  it('refuses the recording itself under any path that leads to it', async () => {
    const input = join(folder, 'a.wav');
    writeFileSync(input, 'x');
    mkdirSync(join(folder, 'sub'));
    symlinkSync(input, join(folder, 'soft.wav'));
    linkSync(input, join(folder, 'hard.wav'));
    symlinkSync(folder, join(folder, 'sub', 'again'));
    for (const output of ['a.wav', 'sub/../a.wav', 'soft.wav', 'hard.wav', 'sub/again/a.wav']) {
      await expect(assertDistinct(input, join(folder, output)), output).rejects.toMatchObject({
        code: 'INPUT_IS_OUTPUT',
      });
    }
  });

  it('allows every other place, also one that does not exist yet', async () => {
    const input = join(folder, 'a.wav');
    writeFileSync(input, 'x');
    writeFileSync(join(folder, 'b.wav'), 'x');
    for (const output of ['b.wav', 'c.wav', 'none/a.wav']) {
      await expect(assertDistinct(input, join(folder, output))).resolves.toBeUndefined();
    }
  });
});
