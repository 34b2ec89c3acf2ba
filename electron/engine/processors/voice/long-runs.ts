/** Counts frames that belong to long runs: what lasts for a moment only is no finding. */
export class LongRuns {
  readonly #least: number;
  #run = 0;
  /** frames in runs that are long enough, up to now */
  frames = 0;

  /** @param leastFrames  of a run that counts */
  constructor(leastFrames: number) {
    this.#least = leastFrames;
  }

  /** @param inside  whether the next frame belongs to a run */
  push(inside: boolean): void {
    this.#run = inside ? this.#run + 1 : 0;
    if (this.#run === this.#least) this.frames += this.#least;
    else if (this.#run > this.#least) this.frames++;
  }
}
