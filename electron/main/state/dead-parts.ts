import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { abandonedAfterMs, unfinishedBy } from '../../contract/unfinished-output.js';

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
    const pid = unfinishedBy(name);
    if (pid === null) continue;
    const path = join(folder, name);
    if (pid !== deadPid && (processRuns(pid) || !(await isAbandoned(path)))) continue;
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
