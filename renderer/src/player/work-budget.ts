/** Seconds of sound over which the time spent is averaged, so that one late thread does not end live monitoring. */
const averageSeconds = 1;

/** Share of real time that live monitoring may take: the thread has a deadline with every block and needs the rest as reserve. */
export const largestShare = 0.4;

/**
 * Watches how much of real time a piece of work takes. The audio thread of Chromium has no clock finer than whole
 * milliseconds (`performance` is missing there); over many pieces of work the rounding averages out.
 */
export class WorkBudget {
  readonly #windowFrames: number;
  readonly #sampleRateHz: number;
  readonly #clockMs: () => number;
  #startMs = 0;
  #spentMs = 0;
  #frames = 0;
  #exceeded = false;

  /** @param clockMs  any clock in milliseconds; whole ones will do */
  constructor(sampleRateHz: number, clockMs: () => number) {
    this.#windowFrames = averageSeconds * sampleRateHz;
    this.#sampleRateHz = sampleRateHz;
    this.#clockMs = clockMs;
  }

  /** Whether the work took more than {@link largestShare} of real time; stays until {@link reset}. */
  get exceeded(): boolean {
    return this.#exceeded;
  }

  /** The work begins. */
  begin(): void {
    this.#startMs = this.#clockMs();
  }

  /** The work has been done. */
  end(): void {
    // A clock that was set meanwhile says nothing about the work.
    this.#spentMs += Math.min(1000 * averageSeconds, Math.max(0, this.#clockMs() - this.#startMs));
  }

  /** @param frames  sample frames of sound that have passed, with or without work */
  pass(frames: number): void {
    this.#frames += frames;
    if (this.#frames < this.#windowFrames) return;
    const soundMs = (1000 * this.#frames) / this.#sampleRateHz;
    if (this.#spentMs > largestShare * soundMs) this.#exceeded = true;
    this.#spentMs = 0;
    this.#frames = 0;
  }

  /** Begins anew. */
  reset(): void {
    this.#spentMs = 0;
    this.#frames = 0;
    this.#exceeded = false;
  }
}
