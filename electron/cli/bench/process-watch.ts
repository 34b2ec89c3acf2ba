import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Linux counts a process's time in ticks of this length, whatever the kernel's own clock. */
const ticksPerSecond = 100;
const millisecondsBetween = 50;

/** The most that a process and its children were seen to use. */
export interface ProcessUse {
  /** resident memory of the process itself, at its highest; null where the system does not tell */
  readonly peakBytes: number | null;
  /** resident memory of the process and everything it started, at its highest; shared pages count for each */
  readonly peakTreeBytes: number | null;
  /** processor time of the whole tree */
  readonly cpuSeconds: number | null;
}

interface Sample {
  readonly parent: number;
  readonly cpuSeconds: number;
}

/**
 * Watches a process until `ended` settles. Only Linux has what is needed (`/proc`); elsewhere every figure is null.
 * @param pid  of the process; children that come and go are found by their parent
 */
export async function watchProcess(pid: number, ended: Promise<unknown>): Promise<ProcessUse> {
  if (process.platform !== 'linux') return { peakBytes: null, peakTreeBytes: null, cpuSeconds: null };
  const watched = { running: true };
  const stop = (): void => {
    watched.running = false;
  };
  // How it ended is the caller's business.
  void ended.then(stop, stop);
  let peakBytes = 0;
  let peakTreeBytes = 0;
  const cpuByProcess = new Map<number, number>();
  while (watched.running) {
    const samples = await sampleAll();
    const tree = [...samples.keys()].filter((candidate) => isBelow(candidate, pid, samples));
    let treeBytes = 0;
    for (const member of tree) {
      treeBytes += await statusBytes(member, 'VmRSS');
      cpuByProcess.set(member, samples.get(member)?.cpuSeconds ?? 0);
    }
    peakTreeBytes = Math.max(peakTreeBytes, treeBytes);
    // The kernel keeps the highest value itself, so nothing between two looks is missed.
    peakBytes = Math.max(peakBytes, await statusBytes(pid, 'VmHWM'));
    await sleep(millisecondsBetween);
  }
  const cpuSeconds = [...cpuByProcess.values()].reduce((sum, seconds) => sum + seconds, 0);
  return { peakBytes, peakTreeBytes, cpuSeconds };
}

function isBelow(candidate: number, root: number, samples: ReadonlyMap<number, Sample>): boolean {
  for (let pid = candidate; pid > 1; pid = samples.get(pid)?.parent ?? 0) if (pid === root) return true;
  return false;
}

async function sampleAll(): Promise<Map<number, Sample>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const samples = new Map<number, Sample>();
  for (const pid of pids) {
    const text = await readIfThere(`/proc/${pid}/stat`);
    // The program's name stands in brackets and may hold anything; what follows the last one is fields from the third on.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (fields.length < 13) continue;
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    samples.set(pid, { parent: Number(fields[1]), cpuSeconds });
  }
  return samples;
}

async function statusBytes(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(await readIfThere(`/proc/${pid}/status`));
  return Number(match?.[1] ?? 0) * 1024;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return ''; // the process ended between two looks
  }
}
