import type { Answer } from '../../contract/channel.js';
import type { WireRequest } from '../../contract/wire.js';
import type { EngineChild } from './engine-child.js';

/** An engine without a process: tests read what it was asked and decide what it does. */
export class FakeEngineChild implements EngineChild {
  readonly pid = 4711;
  readonly posted: WireRequest[] = [];
  terminated = 0;
  killed = 0;
  /** false keeps the engine silent about its start */
  readonly #answersReady: boolean;
  readonly #endsWhenTold: boolean;
  #message: (message: unknown) => void = () => undefined;
  #exit: (reason: string) => void = () => undefined;

  constructor(behaviour: { answersReady?: boolean; endsWhenTold?: boolean } = {}) {
    this.#answersReady = behaviour.answersReady ?? true;
    this.#endsWhenTold = behaviour.endsWhenTold ?? true;
  }

  /** Requests apart from the question whether it is ready. */
  get asked(): WireRequest[] {
    return this.posted.filter((request) => request.id !== 'ready');
  }

  post(message: WireRequest): void {
    this.posted.push(message);
    if (message.id !== 'ready' || !this.#answersReady) return;
    queueMicrotask(() => {
      this.answer('ready', { ok: true, value: {} });
    });
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#message = listener;
  }

  onExit(listener: (reason: string) => void): void {
    this.#exit = listener;
  }

  terminate(): void {
    this.terminated += 1;
    if (this.#endsWhenTold) this.die();
  }

  kill(): void {
    this.killed += 1;
    this.die();
  }

  answer(id: string, answer: Answer): void {
    this.#message({ kind: 'answer', id, answer });
  }

  /** Posts anything, also what no engine should. */
  say(message: unknown): void {
    this.#message(message);
  }

  die(): void {
    this.#exit('exit code 9');
  }
}
