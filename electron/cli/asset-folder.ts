import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '../contract/app-error.js';

/**
 * Finds a folder that ships with Sotto by walking up from this file, so that sources, built files and the packaged app
 * all find their own.
 * @param name  e.g. `presets`, a folder in `assets/`
 * @throws AppError INTERNAL when the installation is incomplete
 */
export function assetFolder(name: string, from = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'assets', name);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) {
      const message = `Expected the folder assets/${name} above ${from}; found none. Install Sotto again.`;
      throw new AppError('INTERNAL', message);
    }
  }
}
