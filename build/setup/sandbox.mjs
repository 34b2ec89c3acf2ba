import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, isLinux, isRoot } from '../paths.mjs';

/**
 * Chromium refuses its sandbox as root, and where the system neither lets users make namespaces nor the helper
 * belongs to root: only there it is left off, in development.
 * @returns {string[]}
 */
export function sandboxArguments() {
  if (!isLinux) return [];
  return isRoot || (namespacesAreForbidden() && !helperBelongsToRoot()) ? ['--no-sandbox'] : [];
}

function namespacesAreForbidden() {
  return (
    readSetting('kernel/apparmor_restrict_unprivileged_userns') === '1' ||
    readSetting('kernel/unprivileged_userns_clone') === '0'
  );
}

function readSetting(name) {
  try {
    return readFileSync(join('/proc/sys', name), 'utf8').trim();
  } catch {
    // A kernel without the setting forbids nothing.
    return undefined;
  }
}

function helperBelongsToRoot() {
  const { uid, mode } = statSync(inRoot('node_modules', 'electron', 'dist', 'chrome-sandbox'));
  return uid === 0 && (mode & 0o4000) !== 0;
}
