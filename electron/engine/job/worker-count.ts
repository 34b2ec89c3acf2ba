import { availableParallelism, freemem } from 'node:os';

/**
 * What one job may need at its peak. Measured on 48 kHz stereo: 230 MB for the first, with its share of the engine, and 160 MB for
 * each further one, children included; 8 channels at 192 kHz need more.
 */
export const memoryPerJobBytes = 400 * 1024 * 1024;

/** What the machine has to spare. */
export interface Capacity {
  readonly cores: number;
  readonly availableBytes: number;
}

/** @returns cores and memory that this process may use now */
export function currentCapacity(): Capacity {
  return { cores: availableParallelism(), availableBytes: freemem() };
}

/**
 * @param requested  jobs asked for; null for as many as there are cores
 * @returns how many jobs to run at once: at least 1, never more than files, nor than fit into half of the free memory
 */
export function workerCount(requested: number | null, files: number, capacity: Capacity): number {
  const fitting = Math.floor(capacity.availableBytes / 2 / memoryPerJobBytes);
  return Math.max(1, Math.min(requested ?? capacity.cores, files, fitting));
}
