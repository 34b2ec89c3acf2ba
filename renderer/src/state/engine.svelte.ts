import { words } from '../text/words.js';
import type { MessagesState } from './messages.svelte.js';

/** What the engine process is doing, as the main process sees it. */
export type EngineCondition = 'starting' | 'ready' | 'crashed' | 'failed';

/** Condition of the engine; a crash and the return from it are told. */
export class EngineState {
  readonly #messages: MessagesState;
  #condition = $state.raw<EngineCondition>('starting');
  #hasCrashed = false;

  /** @param messages  where a crash is told */
  constructor(messages: MessagesState) {
    this.#messages = messages;
  }

  /** @see EngineCondition */
  get condition(): EngineCondition {
    return this.#condition;
  }

  /** Takes over a new condition. */
  show(condition: EngineCondition, message: string | null): void {
    this.#condition = condition;
    if (condition === 'crashed') {
      this.#hasCrashed = true;
      this.#messages.tell('warning', message ?? words.engine.crashed);
    } else if (condition === 'failed') {
      this.#messages.tell('problem', message ?? words.engine.failed);
    } else if (condition === 'ready' && this.#hasCrashed) {
      this.#hasCrashed = false;
      this.#messages.tell('news', words.engine.restarted);
    }
  }
}
