import { performance } from 'node:perf_hooks';

/** The parts of a job whose time is told apart; they overlap, so they add up to more than the whole. */
export const jobParts = [
  /** waiting for decoded blocks: the decoder, and turning its bytes into one array for each channel */
  'decode',
  /** inside the chain of processors: their transforms and their waiting for a model */
  'chain',
  /** at least one model run in flight in the model thread */
  'model',
  /** levels, peaks, F0 and the check for samples that are no numbers */
  'measure',
  /** at least one block of raw samples in the lane thread: the gated net, frame by frame */
  'lanes',
  /** the front end of the speaker embedder over raw and result, and waiting for its runs */
  'similarity',
  /** waiting for the encoder or the disk */
  'write',
  /** completing the file, re-reading it and accounting for every byte */
  'prove',
] as const;

/** One of {@link jobParts}. */
export type JobPart = (typeof jobParts)[number];

/** Wall time in which each part of a job was busy. Overlapping work on one part is counted once. */
export class BusyClock {
  readonly #seconds = new Map<JobPart, number>();
  readonly #open = new Map<JobPart, { count: number; since: number }>();

  /** @returns what `work` returns, its time counted for `part` */
  async time<T>(part: JobPart, work: () => Promise<T>): Promise<T> {
    this.#enter(part);
    try {
      return await work();
    } finally {
      this.#leave(part);
    }
  }

  /** @returns what `work` returns, its time counted for `part`; for work that does not wait */
  timeNow<T>(part: JobPart, work: () => T): T {
    this.#enter(part);
    try {
      return work();
    } finally {
      this.#leave(part);
    }
  }

  /** @returns wall seconds by part, rounded to milliseconds; parts that never ran are left out */
  toRecord(): Record<string, number> {
    const parts = jobParts.filter((part) => this.#seconds.has(part));
    return Object.fromEntries(
      parts.map((part) => [part, Math.round((this.#seconds.get(part) ?? 0) * 1000) / 1000]),
    );
  }

  #enter(part: JobPart): void {
    const open = this.#open.get(part);
    if (open === undefined || open.count === 0) this.#open.set(part, { count: 1, since: performance.now() });
    else open.count += 1;
  }

  #leave(part: JobPart): void {
    const open = this.#open.get(part);
    if (open === undefined) return;
    open.count -= 1;
    if (open.count > 0) return;
    const busySeconds = (performance.now() - open.since) / 1000;
    this.#seconds.set(part, (this.#seconds.get(part) ?? 0) + busySeconds);
  }
}
