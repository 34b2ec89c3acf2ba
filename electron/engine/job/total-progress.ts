import { performance } from 'node:perf_hooks';
import type { Progress } from '../../contract/job.js';

/** Where a whole batch stands. */
export interface TotalProgress {
  readonly files: number;
  readonly filesEnded: number;
  /** 0..1 of all audio; null while the length of some file is not known */
  readonly fraction: number | null;
  /** wall seconds left for all files; null until it can be told */
  readonly etaSeconds: number | null;
}

/** Adds up the progress of files that run side by side, each weighed by how long it sounds. */
export class TotalProgressMeter {
  readonly #seconds: (number | null)[];
  readonly #fractions: number[];
  readonly #ended: boolean[];
  readonly #startedMs = performance.now();

  /** @param seconds  how long each file sounds; null where its header does not say, 0 for files that cannot be processed */
  constructor(seconds: readonly (number | null)[]) {
    this.#seconds = [...seconds];
    this.#fractions = seconds.map(() => 0);
    this.#ended = seconds.map(() => false);
  }

  /** Notes how far file `index` is. The proof at its end is short and counts as done. */
  advance(index: number, progress: Progress): void {
    this.#fractions[index] = progress.phase === 'prove' ? 1 : (progress.fraction ?? 0);
  }

  /** Notes that file `index` was done or failed; what was skipped after an abort stays where it was. */
  end(index: number): void {
    this.#fractions[index] = 1;
    this.#ended[index] = true;
    // A file of unknown length no longer hides the sum once it has ended.
    this.#seconds[index] ??= 0;
  }

  /** @returns the sums as they stand now */
  get(): TotalProgress {
    const filesEnded = this.#ended.filter(Boolean).length;
    const all = this.#seconds;
    const known = all.filter((seconds) => seconds !== null);
    const total = known.reduce((sum, seconds) => sum + seconds, 0);
    if (known.length < all.length || total === 0) {
      const fraction = filesEnded === all.length ? 1 : null;
      return { files: all.length, filesEnded, fraction, etaSeconds: null };
    }
    const done = known.reduce((sum, seconds, index) => sum + seconds * (this.#fractions[index] ?? 0), 0);
    const fraction = done / total;
    const elapsedSeconds = (performance.now() - this.#startedMs) / 1000;
    const etaSeconds = fraction === 0 ? null : (elapsedSeconds * (1 - fraction)) / fraction;
    return { files: all.length, filesEnded, fraction, etaSeconds };
  }
}
