import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPresets } from './presets.js';

const shipped = join(import.meta.dirname, '../../../assets/presets');

it('reads every preset that ships with the app', async () => {
  const logged: string[] = [];
  const presets = await readPresets(shipped, (message) => logged.push(message));
  expect(logged).toEqual([]);
  expect(presets.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['clean-only', 'passthrough', 'whistleblower']),
  );
});

it('leaves out a broken preset and says which', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-presets-'));
  try {
    await copyFile(join(shipped, 'passthrough.json'), join(folder, 'good.json'));
    await writeFile(join(folder, 'bad.json'), '{');
    const logged: string[] = [];
    const presets = await readPresets(folder, (message) => logged.push(message));
    expect(presets).toHaveLength(1);
    expect(logged.join()).toContain('bad.json');
  } finally {
    await rm(folder, { recursive: true });
  }
});
