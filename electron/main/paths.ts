import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';

/** Every place the main process knows, absolute. */
export interface AppPaths {
  /** the app's data; private to the user */
  readonly data: string;
  readonly sessions: string;
  readonly settingsFile: string;
  readonly windowFile: string;
  readonly logFile: string;
  readonly presets: string;
  readonly page: string;
  readonly preloadScript: string;
  readonly engineScript: string;
  readonly defaultOutput: string;
  /** from the environment, for scripts and tests; null normally */
  readonly forcedOutput: string | null;
}

/** Moves the app's data where `SOTTO_DATA` says. Must run before anything is read or written. */
export function redirectData(): void {
  const data = process.env['SOTTO_DATA'];
  if (data !== undefined && data !== '') app.setPath('userData', data);
}

/** @returns all places; nothing is created */
export function locatePaths(): AppPaths {
  const data = app.getPath('userData');
  // This file is bundled into out/main/index.js.
  const built = join(import.meta.dirname, '..');
  const forced = process.env['SOTTO_OUTPUT'] ?? '';
  return {
    data,
    sessions: join(data, 'sessions'),
    settingsFile: join(data, 'settings.json'),
    windowFile: join(data, 'window.json'),
    logFile: join(data, 'logs', 'main.log'),
    presets: join(built, '..', 'assets', 'presets'),
    page: join(built, 'renderer'),
    preloadScript: join(built, 'preload', 'index.cjs'),
    engineScript: join(built, 'main', 'engine.js'),
    defaultOutput: join(homeForResults(), 'Sotto'),
    forcedOutput: forced === '' ? null : forced,
  };
}

function homeForResults(): string {
  for (const name of ['music', 'documents'] as const) {
    const folder = systemFolder(name);
    if (folder !== null && existsSync(folder) && statSync(folder).isDirectory()) return folder;
  }
  return app.getPath('home');
}

function systemFolder(name: 'music' | 'documents'): string | null {
  try {
    return app.getPath(name);
  } catch {
    // A desktop that names no such folder makes Electron throw.
    return null;
  }
}
