import { createWriteStream } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const fileTypeMask = 0o170000;
const symbolicLink = 0o120000;

/**
 * Unpacks a zip file, keeping modes and symbolic links.
 * @param {string} archive
 * @param {string} folder made when missing
 * @param {(name: string) => string | undefined} [rename] the name to give an entry; undefined leaves it out
 */
export async function unzip(archive, folder, rename = (name) => name) {
  // A package: this module may only be loaded once they are there.
  const yauzl = await import('yauzl');
  const open = promisify(yauzl.open);
  const zip = await open(archive, { lazyEntries: true, autoClose: false });
  try {
    const openEntry = promisify(zip.openReadStream.bind(zip));
    await new Promise((resolve, reject) => {
      zip.on('end', resolve).on('error', reject);
      zip.on('entry', (entry) => {
        unpackEntry(entry, openEntry, folder, rename).then(() => zip.readEntry(), reject);
      });
      zip.readEntry();
    });
  } finally {
    zip.close();
  }
}

async function unpackEntry(entry, openEntry, folder, rename) {
  const name = entry.fileName.endsWith('/') ? undefined : rename(entry.fileName);
  if (name === undefined) return;
  const path = join(folder, name);
  if (!path.startsWith(resolve(folder) + sep))
    throw new Error(`The archive's entry ${entry.fileName} lies outside of it.`);
  const mode = entry.externalFileAttributes >>> 16;
  await mkdir(dirname(path), { recursive: true });
  const content = await openEntry(entry);
  if ((mode & fileTypeMask) === symbolicLink) await symlink(await text(content), path);
  else await pipeline(content, createWriteStream(path, { mode: mode & 0o777 || 0o644 }));
}
