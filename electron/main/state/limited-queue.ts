import { AppError } from '../../contract/app-error.js';

interface Waiting {
  readonly key: string;
  readonly begin: () => void;
  readonly refuse: (error: AppError) => void;
}

/** Work of which only so much may run at a time; the rest waits in order and can be called off. */
export class LimitedQueue {
  readonly #limit: number;
  readonly #onIdle: () => void;
  #running = 0;
  #waiting: Waiting[] = [];

  /**
   * @param limit   pieces of work that may run at the same time
   * @param onIdle  called when the last piece has ended and none waits
   */
  constructor(limit: number, onIdle: () => void = () => undefined) {
    this.#limit = limit;
    this.#onIdle = onIdle;
  }

  /** Pieces of work that run or wait. */
  get size(): number {
    return this.#running + this.#waiting.length;
  }

  /**
   * Runs `work` as soon as there is room.
   * @param key    names it for {@link cancelWaiting}
   * @param order  `next` goes before all that waits
   * @throws AppError CANCELLED when it was called off while it waited; else what `work` throws
   */
  async run<Result>(
    key: string,
    work: () => Promise<Result>,
    order: 'last' | 'next' = 'last',
  ): Promise<Result> {
    if (this.#running >= this.#limit) await this.#turn(key, order);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** Calls off what waits under `key`; what runs is not touched. */
  cancelWaiting(key: string): void {
    const called = this.#waiting.filter((waiting) => waiting.key === key);
    this.#waiting = this.#waiting.filter((waiting) => waiting.key !== key);
    for (const { refuse } of called) refuse(new AppError('CANCELLED', 'Cancelled before it began.'));
  }

  async #turn(key: string, order: 'last' | 'next'): Promise<void> {
    await new Promise<void>((begin, refuse) => {
      const waiting = { key, begin, refuse };
      if (order === 'next') this.#waiting.unshift(waiting);
      else this.#waiting.push(waiting);
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    // The place is handed over, so that nobody who comes now slips in between.
    if (next !== undefined) next.begin();
    else {
      this.#running -= 1;
      if (this.#running === 0) this.#onIdle();
    }
  }
}
