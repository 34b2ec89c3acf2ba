import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root; every script works from here, wherever it was called. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export const isLinux = process.platform === 'linux';
export const isWindows = process.platform === 'win32';
export const isRoot = process.getuid?.() === 0;

/** @param {...string} parts */
export function inRoot(...parts) {
  return join(root, ...parts);
}

/** Where downloads that outlive a clone are kept, as each platform likes it. */
export function cacheFolder() {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'sotto');
  if (isWindows)
    return join(process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'sotto', 'cache');
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sotto');
}

/** The oldest Node that everything here runs on; package.json says the same. */
export const oldestNode = [20, 19];
