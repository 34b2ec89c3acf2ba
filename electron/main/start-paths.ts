import { resolve } from 'node:path';

/**
 * Recordings and folders named on the command line.
 * @param argv           the whole command line, the program first
 * @param appPath        folder of the app when it was named on the command line (`electron . FILE`); null when packaged
 * @param workingFolder  what relative paths are relative to
 * @returns absolute paths, in order
 */
export function startPaths(argv: readonly string[], appPath: string | null, workingFolder: string): string[] {
  const named = argv.slice(1);
  // What stands before the app's own folder is meant for Electron.
  const appAt =
    appPath === null ? -1 : named.findIndex((argument) => resolve(workingFolder, argument) === appPath);
  const own = named.slice(appAt + 1);
  const end = own.indexOf('--');
  const options = end === -1 ? own : own.slice(0, end);
  const plain = options.filter((argument) => argument !== '' && !argument.startsWith('-'));
  const afterEnd = end === -1 ? [] : own.slice(end + 1);
  return [...plain, ...afterEnd].map((argument) => resolve(workingFolder, argument));
}
