import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { AppError } from '../../contract/app-error.js';
import type { SettingsStore } from './settings-store.js';

/** Where results go: a folder forced from outside, else the one the user chose, else the default one. */
export class OutputFolder {
  readonly #settings: SettingsStore;
  readonly #defaultPath: string;
  readonly #forcedPath: string | null;

  /**
   * @param forcedPath  from the environment, for scripts and tests; null normally
   */
  constructor(settings: SettingsStore, defaultPath: string, forcedPath: string | null) {
    this.#settings = settings;
    this.#defaultPath = defaultPath;
    this.#forcedPath = forcedPath;
  }

  get path(): string {
    return this.#forcedPath ?? this.#settings.outputFolder ?? this.#defaultPath;
  }

  /** What the window shows. The default folder counts as there, since it is made when it is needed. */
  get state(): { path: string; exists: boolean } {
    return { path: this.path, exists: this.#isDefault || existsSync(this.path) };
  }

  async choose(path: string): Promise<void> {
    await this.#settings.saveOutputFolder(path);
  }

  /**
   * Makes the default folder. A folder that the user chose and that has gone since is not made again:
   * a drive that is not plugged in must not become a folder of the same name.
   * @throws AppError OUTPUT_NOT_WRITABLE
   */
  async ensure(): Promise<void> {
    if (!this.#isDefault) return;
    try {
      await mkdir(this.path, { recursive: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `Expected to make the output folder ${this.path}; found: ${reason}. Choose another folder.`;
      throw new AppError('OUTPUT_NOT_WRITABLE', message);
    }
  }

  get #isDefault(): boolean {
    return this.path === this.#defaultPath;
  }
}
