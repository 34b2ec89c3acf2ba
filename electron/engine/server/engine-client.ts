import { AppError } from '../../contract/app-error.js';
import type { Answer, RequestInput, RequestName, RequestOutput } from '../../contract/channel.js';
import { engineContract, type EngineContract } from '../../contract/engine-contract.js';
import type { Progress } from '../../contract/job.js';
import { engineMessageSchema, type WireRequest } from '../../contract/wire.js';

/** The asking side's end of a connection to an engine. */
export interface EngineConnection {
  post(message: WireRequest): void;
}

/** Asks an engine over the wire schema; the counterpart of `serveEngine` under plain Node. */
export class EngineClient {
  readonly #connection: EngineConnection;
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  readonly #listeners = new Map<string, (progress: Progress) => void>();
  #nextId = 1;

  constructor(connection: EngineConnection) {
    this.#connection = connection;
  }

  /** Takes in whatever the engine posts. */
  receive(message: unknown): void {
    const parsed = engineMessageSchema.parse(message);
    if (parsed.kind === 'answer') {
      this.#waiting.get(parsed.id)?.(parsed.answer);
      return;
    }
    const { taskId, progress } = engineContract.events['task:progress'].parse(parsed.payload);
    this.#listeners.get(taskId)?.(progress);
  }

  /** @throws AppError as the engine answered; ENGINE_CRASHED when {@link fail} was called meanwhile */
  async ask<N extends RequestName<EngineContract>>(
    name: N,
    input: RequestInput<EngineContract, N>,
  ): Promise<RequestOutput<EngineContract, N>> {
    const id = String(this.#nextId++);
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#connection.post({ kind: 'request', id, name, input });
    });
    this.#waiting.delete(id);
    if (!answer.ok) throw AppError.fromData(answer.error);
    return engineContract.requests[name].output.parse(answer.value) as RequestOutput<EngineContract, N>;
  }

  /** Tells `listener` of the progress of a task until the returned function is called. */
  follow(taskId: string, listener: (progress: Progress) => void): () => void {
    this.#listeners.set(taskId, listener);
    return () => {
      this.#listeners.delete(taskId);
    };
  }

  /** Answers everything that is still open with `error`: the engine is gone. */
  fail(error: AppError): void {
    for (const settle of this.#waiting.values()) settle({ ok: false, error: error.toData() });
  }
}
