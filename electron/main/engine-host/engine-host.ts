import { randomUUID } from 'node:crypto';
import { AppError } from '../../contract/app-error.js';
import type { EventPayload, RequestInput, RequestName, RequestOutput } from '../../contract/channel.js';
import { engineContract, type EngineContract } from '../../contract/engine-contract.js';
import { engineMessageSchema } from '../../contract/wire.js';
import type { EngineChild } from './engine-child.js';
import { PendingRequests } from './pending-requests.js';

/** What the window is told about the engine. */
export type EngineState = 'starting' | 'ready' | 'crashed' | 'failed';

/** State of the engine with what to tell the user about it. */
export interface EngineCondition {
  readonly state: EngineState;
  readonly message: string | null;
}

/** How the host starts the engine and whom it tells. Times are for tests to shorten. */
export interface EngineHostOptions {
  readonly start: () => EngineChild;
  readonly onCondition: (condition: EngineCondition) => void;
  /** told when the engine has died, before it is started again; not when it was stopped */
  readonly onDeath: (pid: number | null) => void;
  readonly onProgress: (event: EventPayload<EngineContract, 'task:progress'>) => void;
  readonly log: (message: string) => void;
  /** wait before the first restart; doubles with every further crash in a row, up to 16 times this */
  readonly backOffMs?: number;
  /** how long a cancelled task may go on before the engine is ended for it */
  readonly cancelGraceMs?: number;
  /** how long each step of a friendly stop may take */
  readonly stopGraceMs?: number;
}

/** Starts without a sign of life after which the engine counts as broken. */
const maxFailedStarts = 4;

/**
 * Owns the engine's process: starts it, asks it, restarts it when it dies and asks again what it had not answered.
 * A request that sees the engine die twice fails with ENGINE_CRASHED; the others go on.
 */
export class EngineHost {
  readonly #options: Required<EngineHostOptions>;
  readonly #pending = new PendingRequests();
  #child: EngineChild | null = null;
  #ready = false;
  #stopping: (() => void) | null = null;
  #broken = false;
  /** true between our own kill and the exit that follows it */
  #endedByHost = false;
  #crashesInARow = 0;
  #restart: NodeJS.Timeout | null = null;
  #condition: EngineCondition = { state: 'starting', message: null };

  constructor(options: EngineHostOptions) {
    this.#options = { backOffMs: 250, cancelGraceMs: 15_000, stopGraceMs: 3_000, ...options };
  }

  /** How the engine is now, for a window that has heard nothing yet. */
  get condition(): EngineCondition {
    return this.#condition;
  }

  /** Starts the engine unless it runs or is about to. */
  start(): void {
    if (this.#child !== null || this.#restart !== null) return;
    this.#broken = false;
    this.#tell('starting', null);
    const child = this.#options.start();
    this.#child = child;
    child.onMessage((message) => {
      if (child === this.#child) this.#receive(message);
    });
    child.onExit((reason) => {
      if (child === this.#child) this.#exited(reason);
    });
    // The cheapest question there is: its answer shows that the engine has loaded and listens.
    child.post({ kind: 'request', id: 'ready', name: 'chain:check', input: { chain: {} } });
  }

  /**
   * Asks the engine; waits while it starts or restarts.
   * @throws AppError as the engine answers; ENGINE_CRASHED when it cannot be kept alive for this request
   */
  ask<N extends RequestName<EngineContract>>(
    name: N,
    input: RequestInput<EngineContract, N>,
  ): Promise<RequestOutput<EngineContract, N>> {
    if (this.#stopping !== null) return Promise.reject(new AppError('CANCELLED', 'Sotto is closing.'));
    const taskId = 'taskId' in input ? input.taskId : null;
    return new Promise((resolve, reject) => {
      this.#pending.add({
        id: randomUUID(),
        name,
        input,
        taskId: name === 'task:cancel' ? null : taskId,
        // `settle` has parsed the value with the schema that this type is made from.
        resolve: resolve as (value: unknown) => void,
        reject,
        deaths: 0,
        posted: false,
        cancelled: false,
      });
      // A new wish is a reason to try again with an engine that would not start.
      if (this.#broken) this.#crashesInARow = 0;
      this.start();
      this.#postWaiting();
    });
  }

  /** Cancels a task, also when the engine is down just now; one that does not listen is ended. */
  cancel(taskId: string): void {
    const requests = this.#pending.ofTask(taskId);
    if (requests.length === 0) return;
    for (const request of requests) {
      request.cancelled = true;
      if (!request.posted) {
        this.#pending.settle(request.id, {
          ok: false,
          error: { code: 'CANCELLED', message: 'Cancelled.' },
        });
      }
    }
    if (!this.#ready) return;
    this.#child?.post({ kind: 'request', id: randomUUID(), name: 'task:cancel', input: { taskId } });
    const timer = setTimeout(() => {
      if (this.#pending.ofTask(taskId).some((request) => request.cancelled)) this.#endEngine(taskId);
    }, this.#options.cancelGraceMs);
    timer.unref();
  }

  /** Cancels what runs, lets the engine clean up, then ends it. Afterwards nothing can be asked any more. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const exited = new Promise<void>((resolve) => {
      this.#stopping = resolve;
    });
    for (const { taskId } of this.#pending.all()) if (taskId !== null) this.cancel(taskId);
    const settled = (): boolean => this.#pending.all().every(({ taskId }) => taskId === null);
    if (child !== null && this.#ready) await waitUntil(settled, this.#options.stopGraceMs);
    this.#pending.rejectAll(new AppError('CANCELLED', 'Sotto is closing.'));
    if (this.#child === null || child === null) return;
    child.terminate();
    const kill = setTimeout(() => {
      child.kill();
    }, this.#options.stopGraceMs);
    await exited;
    clearTimeout(kill);
  }

  #tell(state: EngineState, message: string | null): void {
    this.#condition = { state, message };
    this.#options.onCondition(this.#condition);
  }

  #postWaiting(): void {
    if (!this.#ready || this.#child === null) return;
    for (const request of this.#pending.all()) {
      if (request.posted) continue;
      request.posted = true;
      this.#child.post({ kind: 'request', id: request.id, name: request.name, input: request.input });
    }
  }

  #receive(raw: unknown): void {
    const message = engineMessageSchema.safeParse(raw);
    if (!message.success) {
      this.#options.log('engine: a message in an unknown form was ignored');
      return;
    }
    if (message.data.kind === 'event') {
      this.#receiveEvent(message.data.name, message.data.payload);
    } else if (message.data.id === 'ready') {
      this.#ready = true;
      this.#tell('ready', null);
      this.#postWaiting();
    } else {
      this.#crashesInARow = 0;
      this.#pending.settle(message.data.id, message.data.answer);
    }
  }

  #receiveEvent(name: string, payload: unknown): void {
    const event = name === 'task:progress' ? engineContract.events['task:progress'].safeParse(payload) : null;
    if (event?.success === true) this.#options.onProgress(event.data);
    else this.#options.log(`engine: the event "${name}" was ignored, its form is unknown`);
  }

  #exited(reason: string): void {
    const wasReady = this.#ready;
    const pid = this.#child?.pid ?? null;
    this.#child = null;
    this.#ready = false;
    if (this.#stopping !== null) {
      this.#stopping();
      return;
    }
    this.#options.log(`engine: ended unexpectedly (${reason})`);
    this.#options.onDeath(pid);
    this.#pending.afterDeath(!this.#endedByHost);
    this.#endedByHost = false;
    this.#crashesInARow += 1;
    if (!wasReady && this.#crashesInARow >= maxFailedStarts) {
      this.#giveUp(reason);
      return;
    }
    this.#tell('crashed', 'The engine stopped and is being restarted. The queue goes on by itself.');
    const doublings = Math.min(this.#crashesInARow - 1, 4);
    this.#restart = setTimeout(
      () => {
        this.#restart = null;
        this.start();
      },
      this.#options.backOffMs * 2 ** doublings,
    );
  }

  #giveUp(reason: string): void {
    this.#broken = true;
    const message =
      `The engine could not be started (${reason}). Start Sotto again; ` +
      'if that does not help, its log says more (Help, Show log).';
    this.#tell('failed', message);
    this.#pending.rejectAll(new AppError('ENGINE_CRASHED', message));
  }

  #endEngine(taskId: string): void {
    this.#options.log(`engine: task ${taskId} did not listen to its cancellation, so the engine is ended`);
    this.#endedByHost = true;
    this.#child?.kill();
  }
}

async function waitUntil(condition: () => boolean, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs;
  while (!condition() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
}
