import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../../contract/app-error.js';
import { systemCode } from './output-error.js';

/**
 * Makes sure that writing `output` cannot touch `input`, also through links, other spellings of a folder, or a file
 * system that ignores case.
 * @throws AppError INPUT_IS_OUTPUT
 */
export async function assertDistinct(input: string, output: string): Promise<void> {
  const [source, target] = await Promise.all([identify(input), identify(output)]);
  const sameFile = source.id !== null && source.id === target.id;
  if (!sameFile && source.path !== target.path) return;
  throw new AppError(
    'INPUT_IS_OUTPUT',
    `Expected the result beside the recording, found that "${basename(output)}" is the recording itself. ` +
      'The raw file is never altered: choose another folder or name.',
    { input, output },
  );
}

/** Where a path really leads, and which file stands there: device and inode, null when there is none. */
async function identify(path: string): Promise<{ path: string; id: string | null }> {
  const absolute = resolve(path);
  try {
    // As big integers: inode numbers of NTFS and ReFS do not fit a double.
    const [real, { dev, ino }] = await Promise.all([realpath(absolute), stat(absolute, { bigint: true })]);
    return { path: real, id: `${dev}:${ino}` };
  } catch (error) {
    if (systemCode(error) === null) throw error;
  }
  try {
    return { path: join(await realpath(dirname(absolute)), basename(absolute)), id: null };
  } catch (error) {
    if (systemCode(error) === null) throw error;
    return { path: absolute, id: null }; // no such folder either: creating the output will say so
  }
}
