import type { FrameEnhancer } from '../../../electron/engine/frame-kernel/frame-enhancer.js';
import { type ControlBlock, ringStride } from './control-block.js';
import { WorkBudget } from './work-budget.js';

/**
 * Seconds of sound that a net is given before the position at which it is to be heard. A Conv-FSENet looks back 42 frames of
 * 16 ms, so that behind these it gives what it gives over the whole recording; only the gain above 8 kHz still fades in.
 */
export const runUpSeconds = 0.72;

/** Hops that lie ready ahead of the position: what one fade and one long block of the device need, with some to spare. */
const hopsAhead = 4;

/** How much faster than it is heard, at most, the sound before a new position is computed; more would starve the mixer itself. */
const catchUpSpeed = 16;

/** Time in which the shown share of work follows the net. */
const shareSeconds = 0.5;

/**
 * Enhances what lies in the ring just ahead of the position, at the same sample frames: the ring holds the future, so that
 * the net's delay of a hop is spent before the sound is heard. Hops lie where they lie in the file path, on multiples of
 * their length from the start of the recording. A loop is heard, and so computed, as one stream across its joint.
 */
export class LiveAhead {
  readonly #control: ControlBlock;
  readonly #enhancer: FrameEnhancer;
  readonly #budget: WorkBudget;
  readonly #hop: number;
  readonly #runUp: number;
  readonly #shareStep: number;
  /** [1 or 2][hop] */
  readonly #block: readonly Float32Array[];
  /** [1 or 2][bufferFrames], slot = count since {@link #base}, modulo its length */
  readonly #enhanced: readonly Float32Array[];
  readonly #bufferFrames: number;
  #running = false;
  /** once the run-up is done: what is due from then on is due in every second that is heard */
  #caughtUp = false;
  /** counts of the ring: where the net began, what it takes next */
  #base = 0;
  #next = 0;
  /** below 0 before the first frame */
  #usedShare = -1;

  /**
   * @param control       shared with window and feeder
   * @param enhancer      1 or 2 channels; used by this one alone while it runs
   * @param sampleRateHz  of the recording
   * @param clockMs       any clock in milliseconds; whole ones will do
   */
  constructor(control: ControlBlock, enhancer: FrameEnhancer, sampleRateHz: number, clockMs: () => number) {
    this.#control = control;
    this.#enhancer = enhancer;
    this.#hop = enhancer.hopSamples;
    this.#runUp = Math.ceil((runUpSeconds * sampleRateHz) / this.#hop) * this.#hop;
    this.#shareStep = 1 - Math.exp(-this.#hop / (shareSeconds * sampleRateHz));
    this.#budget = new WorkBudget(sampleRateHz, clockMs);
    // One hop more on either side: the one being heard and the one being written.
    this.#bufferFrames = (hopsAhead + 2) * this.#hop;
    this.#block = planes(enhancer.channels, this.#hop);
    this.#enhanced = planes(enhancer.channels, this.#bufferFrames);
  }

  /** @returns sample frames before `startFrame` that are to be in the ring, so that the first hop lies where the file path has one */
  runUpBefore(startFrame: number): number {
    return startFrame - Math.max(0, Math.floor((startFrame - this.#runUp) / this.#hop) * this.#hop);
  }

  /** Whether it computes along. */
  get running(): boolean {
    return this.#running;
  }

  /**
   * Begins with as much of the past as the ring holds.
   * @param read    count of the next sample frame to be heard
   * @param cursor  its place in the recording
   */
  begin(read: number, cursor: number): void {
    const oldest = Math.max(0, read - this.#runUp - this.#hop + 1);
    const place = cursor - read + oldest;
    this.#base = oldest + ((this.#hop - (place % this.#hop)) % this.#hop);
    this.#next = this.#base;
    this.#running = true;
    this.#caughtUp = false;
    this.#usedShare = -1;
    this.#control.liveUsedShare = 0;
    this.#enhancer.reset();
  }

  /** Computes no more; what is ready stays ready for a fade. */
  end(): void {
    this.#running = false;
  }

  /** Ends, and forgets what is ready: the ring begins anew. */
  clear(): void {
    this.#running = false;
    this.#base = 0;
    this.#next = 0;
  }

  /** Whether it takes more of the audio thread's time than it may; stays until {@link forgive}. */
  get overloaded(): boolean {
    return this.#budget.exceeded;
  }

  /** Lets an overloaded one try again. */
  forgive(): void {
    this.#budget.reset();
  }

  /**
   * Computes what is due, and not more than the audio thread can bear at once.
   * @param frames  of the block about to be heard
   */
  advance(read: number, filled: number, feedEnded: boolean, frames: number): void {
    const wantedNext = read + hopsAhead * this.#hop;
    // A run-up is work that a seek asks for once: who seeks often has no slower machine by it.
    if (this.#caughtUp) this.#budget.begin();
    let hops = Math.max(1, Math.floor((frames * catchUpSpeed) / this.#hop));
    while (hops > 0 && this.#due(wantedNext, filled, feedEnded)) {
      this.#takeHop(filled);
      hops -= 1;
    }
    if (this.#caughtUp) {
      this.#budget.end();
      this.#budget.pass(frames);
    }
    const done = this.#next - this.#hop;
    this.#caughtUp ||= done >= wantedNext || (feedEnded && done >= filled);
  }

  /** @returns whether the next `frames` from `read` are enhanced, or all that follow before the end */
  covers(read: number, frames: number, filled: number, feedEnded: boolean): boolean {
    if (read < this.#base) return false;
    const done = this.#next - this.#hop;
    return done >= read + frames || (feedEnded && done >= filled);
  }

  /** @returns whether it will cover `read` once it has caught up; a net that began behind it never does */
  reaches(read: number): boolean {
    return this.#running && read >= this.#base;
  }

  /** @returns whether the sample frame is there to be heard */
  has(read: number): boolean {
    return read >= this.#base && read < this.#next - this.#hop;
  }

  /** @param ear  0 left, 1 right. @returns the enhanced sample of a frame that {@link has} is true for */
  sample(read: number, ear: 0 | 1): number {
    const plane = this.#enhanced[this.#enhanced.length === 1 ? 0 : ear];
    return plane?.[(read - this.#base) % this.#bufferFrames] ?? 0;
  }

  /** The net answers a hop late, so that behind the end one hop of silence brings the last one out. */
  #due(wantedNext: number, filled: number, feedEnded: boolean): boolean {
    if (this.#next - this.#hop >= wantedNext) return false;
    return this.#next + this.#hop <= filled || (feedEnded && this.#next - this.#hop < filled);
  }

  #takeHop(filled: number): void {
    const { ring, ringFrames } = this.#control;
    const hop = this.#hop;
    for (let channel = 0; channel < this.#block.length; channel++) {
      const block = this.#block[channel]!;
      for (let i = 0; i < hop; i++) {
        const count = this.#next + i;
        block[i] = count < filled ? ring[(count % ringFrames) * ringStride + channel]! : 0;
      }
    }
    const share = this.#enhancer.processHop(this.#block, this.#block);
    if (this.#next > this.#base) {
      const slot = (this.#next - hop - this.#base) % this.#bufferFrames;
      for (let channel = 0; channel < this.#block.length; channel++) {
        this.#enhanced[channel]!.set(this.#block[channel]!, slot);
      }
    }
    this.#next += hop;
    if (this.#usedShare < 0) this.#usedShare = share;
    this.#usedShare += (share - this.#usedShare) * this.#shareStep;
    this.#control.liveUsedShare = this.#usedShare;
  }
}

function planes(channels: number, frames: number): readonly Float32Array[] {
  return Array.from({ length: channels }, () => new Float32Array(frames));
}
