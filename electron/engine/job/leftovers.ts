import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../io/output-error.js';

/** The name of an unfinished output, which holds the id of the process that writes it. @see AtomicFile */
const unfinishedName = /^\.sotto-(\d+)-[0-9a-f]{16}\.part$/;

/** On a shared disk the process may live on another machine; it then writes again and again within this time. */
const untouchedSeconds = 10;

/**
 * Erases what a run that was killed, or a machine that lost its power, had begun to write into `folder`.
 * Files of running processes stay, and so does everything else.
 * @param nowMs  the time that ages are counted from
 * @returns names that were erased
 */
export async function eraseLeftovers(folder: string, nowMs = Date.now()): Promise<string[]> {
  const erased: string[] = [];
  for (const name of await readdir(folder)) {
    const pid = Number(unfinishedName.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isRunning(pid)) continue;
    const path = join(folder, name);
    try {
      const { mtimeMs } = await stat(path);
      if (nowMs - mtimeMs < untouchedSeconds * 1000) continue;
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
