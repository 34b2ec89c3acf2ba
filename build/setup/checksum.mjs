import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { inRoot } from '../paths.mjs';

/**
 * @param {string} path
 * @param {'sha256' | 'sha512'} algorithm
 * @param {'hex' | 'base64'} encoding
 * @param {string} expected
 * @throws when the file is not the expected one
 */
export async function checkFile(path, algorithm, encoding, expected) {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash);
  const found = hash.digest(encoding);
  if (found !== expected)
    throw new Error(
      `Expected ${path} to have ${algorithm} ${expected}, found ${found}. Nothing was installed from it.`,
    );
}

/**
 * One checksum over the names and contents of everything that `accepts` below the given files and folders.
 * @param {string[]} paths relative to the repository's root
 * @param {(path: string) => boolean} [accepts]
 */
export function hashSources(paths, accepts = () => true) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((path) => listFiles(path)).filter(accepts)) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(inRoot(path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** @returns {string[]} the files below a folder, sorted; a file is itself; what is missing is nothing */
function listFiles(path) {
  try {
    const entries = readdirSync(inRoot(path), { withFileTypes: true });
    return entries
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => listFiles(join(path, entry.name)));
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
