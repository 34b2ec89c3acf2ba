import { performance } from 'node:perf_hooks';
import type { Progress } from '../../contract/job.js';

/** Told about every step of a job; must not throw. */
export type ProgressListener = (progress: Progress) => void;

/** Turns counted sample frames into progress figures of one phase of a job. */
export class ProgressMeter {
  readonly #phase: Progress['phase'];
  readonly #sampleRateHz: number;
  readonly #totalFrames: number | null;
  readonly #listener: ProgressListener;
  readonly #startedMs = performance.now();
  #frames = 0;

  /** @param totalFrames  as the header declares it; null when it does not say */
  constructor(
    phase: Progress['phase'],
    sampleRateHz: number,
    totalFrames: number | null,
    listener: ProgressListener,
  ) {
    this.#phase = phase;
    this.#sampleRateHz = sampleRateHz;
    this.#totalFrames = totalFrames === null || totalFrames <= 0 ? null : totalFrames;
    this.#listener = listener;
    this.#tell();
  }

  /** Counts `frames` more and tells the listener. */
  advance(frames: number): void {
    this.#frames += frames;
    this.#tell();
  }

  #tell(): void {
    const elapsedSeconds = (performance.now() - this.#startedMs) / 1000;
    const processedSeconds = this.#frames / this.#sampleRateHz;
    const total = this.#totalFrames;
    // A header may promise less than there is; the bar then waits at its end.
    const fraction = total === null ? null : Math.min(1, this.#frames / total);
    const started = this.#frames > 0 && elapsedSeconds > 0;
    this.#listener({
      phase: this.#phase,
      fraction,
      processedSeconds,
      etaSeconds: fraction === null || !started ? null : (elapsedSeconds * (1 - fraction)) / fraction,
      realTimeFactor: started ? processedSeconds / elapsedSeconds : null,
    });
  }
}
