import { Worker } from 'node:worker_threads';
import { AppError } from '../../contract/app-error.js';
import type { Tensor } from './model-host.js';
import { transferable, type ThreadAnswer, type ThreadRequest } from './thread-messages.js';
import type { WeightsFile } from './weights-file.js';

interface Waiting {
  readonly resolve: (outputs: Record<string, Tensor>) => void;
  readonly reject: (error: AppError) => void;
}

/**
 * One model thread seen from the engine. The thread starts with the first request and again with the first one after its death;
 * what it was computing when it died fails with MODEL_FAILED, because the inputs went with it.
 */
export class ModelThreadClient {
  readonly #threadFile: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;
  #closed = false;

  /** @param threadFile  absolute path of the built `model-thread.js` */
  constructor(threadFile: string) {
    this.#threadFile = threadFile;
  }

  /**
   * @param inputs   by tensor name, buffers transferred; null only opens the session
   * @param outputs  names of what is wanted; all when missing
   * @throws AppError MODEL_FAILED, MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH
   */
  request(
    weights: WeightsFile,
    inputs: Readonly<Record<string, Tensor>> | null,
    outputs?: readonly string[],
  ): Promise<Record<string, Tensor>> {
    if (this.#closed) return Promise.reject(threadEnded('it was closed'));
    const worker = this.#startedWorker();
    const id = this.#nextId++;
    const { tensors, buffers } = transferable(inputs ?? {});
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage(
        { id, weights, inputs: inputs === null ? null : tensors, outputs } satisfies ThreadRequest,
        buffers,
      );
    });
  }

  /** Ends the thread; requests under way fail. May be called more than once. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#forget(worker, 'it was closed');
    await worker?.terminate();
  }

  #startedWorker(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(this.#threadFile, { name: 'sotto-model' });
    this.#worker = worker;
    worker.on('message', (answer: ThreadAnswer) => this.#settle(answer));
    worker.on('error', (error) => this.#forget(worker, String(error)));
    worker.on('exit', (code) => this.#forget(worker, `it ended with code ${code}`));
    return worker;
  }

  #settle(answer: ThreadAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    // An idle thread must not keep the command line from ending.
    if (this.#waiting.size === 0) this.#worker?.unref();
    if (answer.ok) waiting?.resolve(answer.outputs);
    else waiting?.reject(AppError.fromData(answer.error));
  }

  #forget(worker: Worker | undefined, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(threadEnded(reason));
  }
}

function threadEnded(reason: string): AppError {
  return new AppError(
    'MODEL_FAILED',
    `The thread that computes the model ended before it answered (${reason}). Try again; if it happens every time, memory may be short.`,
    { reason },
  );
}
