import type { Playback } from '../../../electron/contract/media.js';
import { rangeReader } from '../player/feeder.js';
import type { Detail } from './draw-wave.js';
import { loadPeaks } from './peaks.js';
import type { Peaks } from './peaks.js';

/** How far samples are read beyond the screen on either side, in screens, so that scrolling does not stutter. */
const detailRoom = 0.5;

/** A pause in zooming and scrolling after which samples are read. */
const settleMilliseconds = 80;

/** Peaks of one version of a recording and, at close zoom, the samples in view. Who makes one closes it. */
export class WaveMedia {
  #peaks = $state.raw<Peaks | null>(null);
  #detail = $state.raw<Detail | null>(null);
  #error = $state.raw<string | null>(null);
  readonly #pcmUrl: string;
  readonly #playback: Playback;
  readonly #closing = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  /** @param pcmUrl  playback copy of the same version as the peaks */
  constructor(peaksUrl: string, pcmUrl: string, playback: Playback) {
    this.#pcmUrl = pcmUrl;
    this.#playback = playback;
    void this.#load(peaksUrl);
  }

  /** Null until loaded. */
  get peaks(): Peaks | null {
    return this.#peaks;
  }

  /** Samples in view at close zoom, null at other scales. */
  get detail(): Detail | null {
    return this.#detail;
  }

  /** Why there is nothing to show; null when all is well. */
  get error(): string | null {
    return this.#error;
  }

  /**
   * Reads the samples in view when peaks are too coarse for the scale.
   * @param startFrame  sample frame at the left edge of the screen
   */
  lookAt(startFrame: number, framesInView: number, framesPerPixel: number): void {
    clearTimeout(this.#timer);
    if (!this.#peaks || framesPerPixel >= this.#peaks.finestFrames) {
      this.#turn++;
      this.#detail = null;
      if (this.#peaks) this.#error = null;
      return;
    }
    const room = framesInView * detailRoom;
    const from = Math.max(0, Math.floor(startFrame - room));
    const to = Math.min(this.#playback.sampleFrames, Math.ceil(startFrame + framesInView + room));
    this.#timer = setTimeout(() => void this.#read(from, to - from), settleMilliseconds);
  }

  /** Stops what is being read. */
  close(): void {
    clearTimeout(this.#timer);
    this.#closing.abort();
  }

  async #load(url: string): Promise<void> {
    const { channels, samplesPerPeak } = this.#playback;
    try {
      this.#peaks = await loadPeaks(url, channels, samplesPerPeak, this.#closing.signal);
    } catch (error) {
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    // What was closed while it was being read is not missed.
    if (!this.#closing.signal.aborted) this.#error = error instanceof Error ? error.message : String(error);
  }

  async #read(startFrame: number, frames: number): Promise<void> {
    const turn = ++this.#turn;
    if (frames <= 0) return;
    const { channels } = this.#playback;
    try {
      const samples = await rangeReader(this.#pcmUrl, channels)(startFrame, frames, this.#closing.signal);
      if (turn === this.#turn) this.#detail = { startFrame, channels, samples };
      this.#error = null;
    } catch (error) {
      this.#tell(error);
    }
  }
}
