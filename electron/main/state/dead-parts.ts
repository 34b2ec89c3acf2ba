import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Temporary files of the engine and the command line: `.sotto-<process id>-<random>.part`. */
const temporaryName = /^\.sotto-(\d+)-[0-9a-f]{16}\.part$/;

/** Age from which a temporary file is nobody's any more: a job that runs writes all the time. */
const abandonedAfterMs = 10 * 60 * 1000;

/**
 * Erases temporary files beside outputs that nobody will complete: those of the engine that has just died, and old ones
 * whose process has gone. The age matters where several machines write into one shared folder.
 * @param folder   absolute; a folder that cannot be read is left as it is
 * @param deadPid  process that is known to have ended; null when none is
 * @returns how many were erased
 */
export async function removeDeadParts(folder: string, deadPid: number | null): Promise<number> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    // The folder has gone or may not be read: whatever is in it will be found the next time.
    return 0;
  }
  let erased = 0;
  for (const name of names) {
    const pid = temporaryName.exec(name)?.[1];
    if (pid === undefined) continue;
    const path = join(folder, name);
    if (Number(pid) !== deadPid && (processRuns(Number(pid)) || !(await isAbandoned(path)))) continue;
    await rm(path, { force: true });
    erased += 1;
  }
  return erased;
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > abandonedAfterMs;
  } catch {
    // It was completed and renamed meanwhile.
    return false;
  }
}

function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user refuses the signal, but it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
