import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { abandonedAfterMs, unfinishedBy } from '../../contract/unfinished-output.js';
import { systemCode } from '../io/output-error.js';

/**
 * Erases what a run that was killed, or a machine that lost its power, had begun to write into `folder`.
 * Files of running processes stay, those touched within {@link abandonedAfterMs} too, and so does everything else.
 * @param nowMs  the time that ages are counted from
 * @returns names that were erased
 */
export async function eraseLeftovers(folder: string, nowMs = Date.now()): Promise<string[]> {
  const erased: string[] = [];
  for (const name of await readdir(folder)) {
    const pid = unfinishedBy(name);
    if (pid === null || isRunning(pid)) continue;
    const path = join(folder, name);
    try {
      const { mtimeMs } = await stat(path);
      if (nowMs - mtimeMs < abandonedAfterMs) continue;
      await unlink(path);
      erased.push(name);
    } catch (error) {
      // Somebody else erased it, or only its owner may: it does no harm to this run.
      if (systemCode(error) === null) throw error;
    }
  }
  return erased;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}
