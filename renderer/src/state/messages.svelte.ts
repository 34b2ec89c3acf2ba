import { AppError } from '../../../electron/contract/app-error.js';

/** How loud a message is: `problem` interrupts a screen reader, `news` waits its turn. */
export type MessageTone = 'news' | 'warning' | 'problem';

/** One line told to the user. */
export interface Message {
  readonly id: number;
  readonly tone: MessageTone;
  readonly text: string;
  /** more lines, one per affected file */
  readonly details: readonly string[];
}

const shownAtOnce = 4;

/** What the window has to say, newest last. Problems stay until dismissed; news leaves by itself. */
export class MessagesState {
  #messages = $state.raw<readonly Message[]>([]);
  #nextId = 1;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  readonly #newsMilliseconds: number;

  /** @param newsMilliseconds  how long news stays; problems and warnings stay until dismissed */
  constructor(newsMilliseconds = 6000) {
    this.#newsMilliseconds = newsMilliseconds;
  }

  /** Messages to show, oldest first. */
  get list(): readonly Message[] {
    return this.#messages;
  }

  /** Adds a message. The same text is not shown twice at once. */
  tell(tone: MessageTone, text: string, details: readonly string[] = []): void {
    if (
      this.#messages.some((message) => message.text === text && message.details.join() === details.join())
    ) {
      return;
    }
    const message = { id: this.#nextId++, tone, text, details };
    for (const old of this.#messages.slice(0, Math.max(0, this.#messages.length + 1 - shownAtOnce))) {
      this.dismiss(old.id);
    }
    this.#messages = [...this.#messages, message];
    if (tone === 'news') {
      this.#timers.set(
        message.id,
        setTimeout(() => {
          this.dismiss(message.id);
        }, this.#newsMilliseconds),
      );
    }
  }

  /** Adds a problem from whatever was thrown. A cancelled request is an outcome, not a problem. */
  tellError(error: unknown): void {
    const appError = AppError.from(error);
    if (appError.code !== 'CANCELLED') this.tell('problem', appError.message);
  }

  /** Takes a message away; unknown ids are ignored, because a timer may have been faster. */
  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#messages = this.#messages.filter((message) => message.id !== id);
  }

  /** Ends all timers. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
