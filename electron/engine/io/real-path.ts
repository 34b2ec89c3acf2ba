import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { systemCode } from './output-error.js';

/**
 * @returns where `path` really leads, links followed; for a file that is not there yet, its real folder with its name
 * @throws what the system does not give a code for
 */
export async function realPath(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch (error) {
    if (systemCode(error) === null) throw error;
  }
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(await realPath(parent), basename(absolute));
}
