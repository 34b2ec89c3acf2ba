import { AppError } from '../../contract/app-error.js';

interface RunningTask {
  readonly controller: AbortController;
  /** settles when the task's work has ended in whatever way; never rejects */
  readonly ended: Promise<void>;
}

/** The engine's running tasks, each with its own way to be cancelled. */
export class TaskSet {
  readonly #running = new Map<string, RunningTask>();

  /**
   * Runs `work` under `taskId`. It is known to {@link cancel} before this call returns.
   * @throws AppError INVALID_ARGUMENT while another task of that id runs; CANCELLED; whatever `work` throws
   */
  async run<T>(taskId: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#running.has(taskId)) {
      throw new AppError('INVALID_ARGUMENT', `Expected a new task id; a task "${taskId}" is still running.`);
    }
    const controller = new AbortController();
    const outcome = work(controller.signal);
    const ended = outcome.then(ignore, ignore);
    this.#running.set(taskId, { controller, ended });
    try {
      return await outcome;
    } finally {
      this.#running.delete(taskId);
    }
  }

  /** Asks the task to end; an unknown one has already ended. */
  cancel(taskId: string): void {
    this.#running.get(taskId)?.controller.abort();
  }

  /** Cancels everything and waits until every task has cleaned up behind itself. */
  async cancelAll(): Promise<void> {
    const running = [...this.#running.values()];
    for (const task of running) task.controller.abort();
    await Promise.all(running.map((task) => task.ended));
  }
}

/** The outcome itself goes to whoever awaits `run`. */
function ignore(): void {
  return undefined;
}
