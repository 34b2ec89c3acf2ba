import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../contract/app-error.js';
import { throwIfAborted } from '../io/abort.js';
import type { JobRequest, JobResult } from '../job/job-request.js';
import { EngineClient } from './engine-client.js';

interface EngineThread {
  readonly worker: Worker;
  readonly client: EngineClient;
}

/**
 * Runs jobs side by side, each in an engine of its own on a thread of its own, so that as many cores work as there are jobs.
 * A thread that dies fails its job alone; the next job gets a new one.
 */
export class EngineThreads {
  readonly #script: string;
  readonly #idle: EngineThread[] = [];
  readonly #all = new Set<EngineThread>();

  /** @param script  absolute path of the built engine; starts nothing yet */
  constructor(script: string) {
    this.#script = script;
  }

  /**
   * Runs one job; as many threads are used as there are jobs at the same time.
   * @throws AppError CANCELLED once the request's signal is aborted, ENGINE_CRASHED when the thread dies
   */
  async run(request: JobRequest): Promise<JobResult> {
    throwIfAborted(request.signal);
    const thread = this.#idle.pop() ?? this.#start();
    const { client } = thread;
    const taskId = randomUUID();
    const { signal, onProgress, ...input } = request;
    const unfollow = client.follow(taskId, onProgress);
    const cancel = (): void => {
      // Its answer is empty, and it fails only together with the job itself.
      client.ask('task:cancel', { taskId }).catch(() => undefined);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await client.ask('job:run', { taskId, ...input });
    } finally {
      signal.removeEventListener('abort', cancel);
      unfollow();
      if (this.#all.has(thread)) this.#idle.push(thread);
    }
  }

  /** Ends all threads. Jobs must have ended before. */
  async close(): Promise<void> {
    const threads = [...this.#all];
    this.#all.clear();
    this.#idle.length = 0;
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  #start(): EngineThread {
    const worker = new Worker(this.#script, { name: 'sotto-engine' });
    const client = new EngineClient({
      post: (message) => {
        worker.postMessage(message);
      },
    });
    const thread = { worker, client };
    this.#all.add(thread);
    const gone = (reason: string): void => {
      this.#all.delete(thread);
      // It may have died between two jobs.
      const idle = this.#idle.indexOf(thread);
      if (idle !== -1) this.#idle.splice(idle, 1);
      const message = `The engine ended before the recording was done (${reason}). Try it again alone; memory may be short.`;
      client.fail(new AppError('ENGINE_CRASHED', message, { reason }));
    };
    worker.on('message', (message: unknown) => {
      client.receive(message);
    });
    worker.once('error', (error: unknown) => {
      gone(error instanceof Error ? error.message : String(error));
    });
    worker.once('exit', (code) => {
      gone(`exit code ${code}`);
    });
    return thread;
  }
}
