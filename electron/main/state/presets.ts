import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { presetSchema, type Preset } from '../../contract/preset.js';

/**
 * Reads the presets that ship with the app. One that cannot be understood is left out and logged.
 * @param folder  with one JSON file for each preset
 * @returns presets by title
 */
export async function readPresets(folder: string, log: (message: string) => void): Promise<Preset[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const presets: Preset[] = [];
  for (const name of names) {
    try {
      presets.push(presetSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8'))));
    } catch (error) {
      log(`presets: ${name} is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return presets.sort((left, right) => left.title.localeCompare(right.title, 'en'));
}
