import { readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import type { Finding } from '../../contract/audio-format.js';
import { appSettingsSchema, type AppSettings } from '../../contract/window-contract.js';

const storedSettingsSchema = appSettingsSchema.extend({
  /** chosen by the user; null for the default place */
  outputFolder: z.string().nullable().default(null),
});

type StoredSettings = z.infer<typeof storedSettingsSchema>;

/**
 * Settings that outlive the app, in one JSON file that is replaced whole. A file that cannot be understood is set aside,
 * never overwritten, and the user is told.
 */
export class SettingsStore {
  readonly #path: string;
  /** what the user should be told once about the settings found */
  readonly notices: readonly Finding[];
  #stored: StoredSettings;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, stored: StoredSettings, notices: readonly Finding[]) {
    this.#path = path;
    this.#stored = stored;
    this.notices = notices;
  }

  /**
   * @param path      of the settings file; need not exist
   * @param defaults  used when there is no file, or a broken one
   */
  static async open(path: string, defaults: AppSettings): Promise<SettingsStore> {
    const fresh: StoredSettings = { ...defaults, outputFolder: null };
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new SettingsStore(path, fresh, []);
      return new SettingsStore(path, fresh, [unreadable(path, error)]);
    }
    const parsed = parseSettings(text);
    if (parsed !== null) return new SettingsStore(path, parsed, []);
    return new SettingsStore(path, fresh, [await setAside(path)]);
  }

  get settings(): AppSettings {
    return appSettingsSchema.parse(this.#stored);
  }

  get outputFolder(): string | null {
    return this.#stored.outputFolder;
  }

  /** @throws Error when the file cannot be written; the settings hold until the app ends all the same */
  async saveSettings(settings: AppSettings): Promise<void> {
    await this.#save({ ...this.#stored, ...settings });
  }

  /** @throws Error when the file cannot be written; the folder holds until the app ends all the same */
  async saveOutputFolder(outputFolder: string): Promise<void> {
    await this.#save({ ...this.#stored, outputFolder });
  }

  async #save(stored: StoredSettings): Promise<void> {
    this.#stored = stored;
    // One write after the other, the latest last; an earlier failure was told to whoever asked for it.
    const write = this.#writing.then(() =>
      writeFileAtomic(this.#path, `${JSON.stringify(this.#stored, null, 2)}\n`),
    );
    this.#writing = write.catch(() => undefined);
    await write;
  }
}

function parseSettings(text: string): StoredSettings | null {
  try {
    return storedSettingsSchema.parse(JSON.parse(text));
  } catch {
    // Whether it is no JSON or another form of it, the file is set aside whole; nothing in it can be trusted.
    return null;
  }
}

async function setAside(path: string): Promise<Finding> {
  const broken = join(dirname(path), `${basename(path, '.json')}.broken.json`);
  try {
    await rename(path, broken);
  } catch (error) {
    return unreadable(path, error);
  }
  return {
    code: 'SETTINGS_BROKEN',
    message: `The settings could not be understood, so Sotto starts with its defaults. The old file is kept as ${broken}.`,
  };
}

function unreadable(path: string, error: unknown): Finding {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: 'SETTINGS_UNREADABLE',
    message: `The settings at ${path} could not be read (${reason}), so Sotto starts with its defaults.`,
  };
}
