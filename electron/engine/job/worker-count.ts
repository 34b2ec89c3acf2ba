import { availableParallelism, freemem } from 'node:os';

/** What one job may need at its peak: its share of the engine, a decoder, an encoder and a model thread. */
export const memoryPerJobBytes = 500 * 1024 * 1024;

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
