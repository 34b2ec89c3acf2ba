import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutputFolder } from './output-folder.js';
import { SettingsStore } from './settings-store.js';

let base = '';
let settings: SettingsStore;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'sotto-folder-'));
  settings = await SettingsStore.open(join(base, 'settings.json'), {
    schema: 'sotto.settings/1',
    job: { chain: {}, export: { format: 'same', names: 'neutral' } },
    volume: 1,
    loudnessMatch: true,
  });
});

afterEach(async () => {
  await rm(base, { recursive: true });
});

describe('OutputFolder', () => {
  it('makes the default folder when it is needed, not before', async () => {
    const folder = new OutputFolder(settings, join(base, 'Music', 'Sotto'), null);
    expect(folder.state).toEqual({ path: join(base, 'Music', 'Sotto'), exists: true });
    expect(existsSync(folder.path)).toBe(false);
    await folder.ensure();
    expect(existsSync(folder.path)).toBe(true);
  });

  it('says what to do when the default folder cannot be made', async () => {
    await writeFile(join(base, 'Music'), 'a file where a folder should be');
    const folder = new OutputFolder(settings, join(base, 'Music', 'Sotto'), null);
    await expect(folder.ensure()).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
  });

  it('does not bring back a chosen folder that has gone', async () => {
    const folder = new OutputFolder(settings, join(base, 'default'), null);
    await folder.choose(join(base, 'drive'));
    await folder.ensure();
    expect(folder.state).toEqual({ path: join(base, 'drive'), exists: false });
    expect(existsSync(join(base, 'drive'))).toBe(false);
  });

  it('prefers the folder forced from outside', async () => {
    const folder = new OutputFolder(settings, join(base, 'default'), base);
    await folder.choose(join(base, 'drive'));
    expect(folder.state).toEqual({ path: base, exists: true });
  });
});
