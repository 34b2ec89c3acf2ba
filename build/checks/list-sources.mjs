import { readdirSync } from 'node:fs';
import { inRoot } from '../paths.mjs';

const notOurs = new Set(['node_modules', 'out', 'generated', '.venv', '__pycache__']);

/**
 * @param {string[]} folders
 * @param {RegExp} pattern
 * @returns {string[]} the sources below some folders, relative to the root, with forward slashes
 */
export function listSources(folders, pattern) {
  return folders.flatMap((folder) => walk(folder)).filter((path) => pattern.test(path));
}

function walk(folder) {
  return readdirSync(inRoot(folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return notOurs.has(entry.name) ? [] : walk(path);
  });
}
