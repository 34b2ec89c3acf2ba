import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppSettings } from '../../contract/window-contract.js';
import { SettingsStore } from './settings-store.js';

const defaults: AppSettings = {
  schema: 'sotto.settings/1',
  job: { chain: {}, export: { format: 'same', names: 'neutral' } },
  volume: 0.7,
  loudnessMatch: true,
};

let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-settings-'));
  path = join(folder, 'settings.json');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('SettingsStore', () => {
  it('starts with the defaults and writes nothing by itself', async () => {
    const store = await SettingsStore.open(path, defaults);
    expect(store.settings).toEqual(defaults);
    expect(store.outputFolder).toBeNull();
    expect(store.notices).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('remembers settings and the output folder independently', async () => {
    const store = await SettingsStore.open(path, defaults);
    await store.saveOutputFolder('/out');
    await store.saveSettings({ ...defaults, volume: 0.2 });
    const again = await SettingsStore.open(path, defaults);
    expect(again.settings).toEqual({ ...defaults, volume: 0.2 });
    expect(again.outputFolder).toBe('/out');
  });

  it.each(['', '{"schema":"sotto.settings/1"', '{"schema":"sotto.settings/9"}', '[]', 'null'])(
    'sets the broken file %j aside and says so',
    async (text) => {
      await writeFile(path, text);
      const store = await SettingsStore.open(path, defaults);
      expect(store.settings).toEqual(defaults);
      expect(store.notices.map(({ code }) => code)).toEqual(['SETTINGS_BROKEN']);
      expect(await readFile(join(folder, 'settings.broken.json'), 'utf8')).toBe(text);
      await store.saveSettings(defaults);
      expect((await readdir(folder)).sort()).toEqual(['settings.broken.json', 'settings.json']);
    },
  );

  it('leaves the last of many quick changes on the disk', async () => {
    const store = await SettingsStore.open(path, defaults);
    const volumes = [0.1, 0.2, 0.3, 0.4, 0.5];
    await Promise.all(volumes.map((volume) => store.saveSettings({ ...defaults, volume })));
    expect((await SettingsStore.open(path, defaults)).settings.volume).toBe(0.5);
  });

  it('holds a change in memory when the disk refuses it, and says that it did', async () => {
    const store = await SettingsStore.open(join(folder, 'gone', 'settings.json'), defaults);
    await expect(store.saveSettings({ ...defaults, volume: 0.1 })).rejects.toThrow(/ENOENT/);
    expect(store.settings.volume).toBe(0.1);
  });
});
