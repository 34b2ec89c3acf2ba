import { randomUUID } from 'node:crypto';
import { AppError } from '../../contract/app-error.js';
import type { RequestOutput } from '../../contract/channel.js';
import type { EngineContract } from '../../contract/engine-contract.js';
import type { LanesFacts } from '../../contract/lanes.js';
import type { FileReport } from '../../contract/report.js';
import { LimitedQueue } from './limited-queue.js';

type Prepared = RequestOutput<EngineContract, 'input:prepare'>;

/** What a task does for its recording. */
export type TaskKind = 'prepare' | 'analyse' | 'preview' | 'process';

/** Jobs that ended by themselves since the queue was last empty; cancelled ones do not count. */
export interface Batch {
  readonly done: number;
  readonly failed: number;
}

/** What is being done for the recordings of this session, and what has come of it. */
export class Work {
  /** Reports of finished recordings that are still in the queue, the latest for each. */
  readonly reports = new Map<string, FileReport>();
  /** Preparations that run or have succeeded; a window that is reloaded asks for them again. */
  readonly prepared = new Map<string, Promise<Prepared>>();
  /** Analyses that run or have succeeded. */
  readonly analysed = new Map<string, Promise<LanesFacts>>();
  readonly preparing: LimitedQueue;
  /** One at a time: whoever opens many recordings wants to hear and process them before all of them are analysed. */
  readonly analysing = new LimitedQueue(1);
  readonly jobs: LimitedQueue;
  /** Jobs that wait or run, by recording. */
  readonly activeJobs = new Map<string, Promise<unknown>>();
  /** Previews that wait or run, by recording. */
  readonly activePreviews = new Map<string, Promise<unknown>>();
  #batch = { done: 0, failed: 0 };
  readonly #tasks = new Map<
    string,
    { readonly fileId: string; readonly kind: TaskKind; cancelled: boolean }
  >();

  /**
   * @param limits   pieces of work of each kind that may run at the same time
   * @param onIdle   called when the last job has ended and none waits
   */
  constructor(limits: { jobs: number; preparing: number }, onIdle: (batch: Batch) => void) {
    this.jobs = new LimitedQueue(limits.jobs, () => {
      const batch = this.#batch;
      this.#batch = { done: 0, failed: 0 };
      onIdle(batch);
    });
    this.preparing = new LimitedQueue(limits.preparing);
  }

  /** Counts a job that has ended by itself and keeps the report of one that succeeded. */
  finish(fileId: string, report: FileReport): void {
    if (report.status === 'done') {
      this.#batch.done += 1;
      this.reports.set(fileId, report);
    } else {
      this.#batch.failed += 1;
    }
  }

  /**
   * Runs a preview in turn with the jobs, which want the same cores, but before those that wait: it is short, and somebody sits there
   * to hear it.
   */
  async runPreview<Result>(fileId: string, work: () => Promise<Result>): Promise<Result> {
    const preview = this.jobs.run(previewKey(fileId), work, 'next');
    this.activePreviews.set(fileId, preview);
    try {
      return await preview;
    } finally {
      this.activePreviews.delete(fileId);
    }
  }

  /** Runs `work` under a new task id, by which progress and cancelling find their recording. */
  async asTask<Result>(
    fileId: string,
    kind: TaskKind,
    work: (taskId: string) => Promise<Result>,
  ): Promise<Result> {
    const taskId = randomUUID();
    this.#tasks.set(taskId, { fileId, kind, cancelled: false });
    try {
      return await work(taskId);
    } finally {
      this.#tasks.delete(taskId);
    }
  }

  /** @returns the recording a task works on; null when the task has ended */
  fileOf(taskId: string): string | null {
    return this.#tasks.get(taskId)?.fileId ?? null;
  }

  /**
   * Calls off what waits for a recording and marks what runs.
   * @param kinds  of work; other work goes on
   * @returns tasks that run; the engine is still to be told
   */
  cancel(fileId: string, kinds: readonly TaskKind[]): string[] {
    const queues = {
      process: this.jobs,
      prepare: this.preparing,
      analyse: this.analysing,
      preview: this.jobs,
    };
    for (const kind of kinds) queues[kind].cancelWaiting(kind === 'preview' ? previewKey(fileId) : fileId);
    const running = [...this.#tasks].filter(
      ([, task]) => task.fileId === fileId && kinds.includes(task.kind),
    );
    for (const [, task] of running) task.cancelled = true;
    return running.map(([taskId]) => taskId);
  }

  /** @throws AppError CANCELLED when the task was called off before the engine had it */
  throwIfCancelled(taskId: string): void {
    if (this.#tasks.get(taskId)?.cancelled === true)
      throw new AppError('CANCELLED', 'Cancelled before it began.');
  }
}

/** Jobs and previews wait in one queue, and are called off apart. */
function previewKey(fileId: string): string {
  return `preview of ${fileId}`;
}
