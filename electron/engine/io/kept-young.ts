import { utimes } from 'node:fs/promises';
import { touchEveryMs } from '../../contract/unfinished-output.js';

/**
 * Touches a file again and again while it is written and proven, so that another run, perhaps on another machine, does not
 * take it for abandoned: a proof only reads, and a slow disk may take longer over it than anybody waits.
 */
export class KeptYoung {
  readonly #timer: NodeJS.Timeout;
  #touch: Promise<void> = Promise.resolve();

  /** @param path  of an existing file; one that has gone is no error, since whoever writes it will notice */
  constructor(path: string, everyMs = touchEveryMs) {
    this.#timer = setInterval(() => {
      const now = new Date();
      this.#touch = utimes(path, now, now).catch(() => undefined);
    }, everyMs);
    // The job keeps the process alive, not this.
    this.#timer.unref();
  }

  /** After this the file's times are not changed any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#touch;
  }
}
