import { frameCount, type Planar } from './planar.js';

/** Frames of the voice stage every second, whatever the sample rate. */
export const framesPerSecond = 100;

/** @returns the sample frame that voice frame `frame` is centred on */
export function frameCentre(frame: number, sampleRateHz: number): number {
  return Math.floor((frame * sampleRateHz) / framesPerSecond + 0.5);
}

/** @returns voice frames of a recording: even, so that two belong to each 20 ms, and at least 4 */
export function voiceFrameCount(sampleFrames: number, sampleRateHz: number): number {
  return 2 * Math.max(2, Math.ceil((sampleFrames * framesPerSecond) / (2 * sampleRateHz)));
}

/**
 * Cuts a stream into spans around the centres of voice frames: frame j holds the samples within `halfSamples` of
 * {@link frameCentre}, zeros stand before the start and after the end. Feed until it is ready, read, move on:
 *
 *     for (let at = 0; at < frames; ) { at += spans.feed(block, at); while (spans.ready) { read(spans.span(0)); spans.next(); } }
 */
export class CentredFrames {
  readonly #sampleRateHz: number;
  readonly #length: number;
  /** per channel, [2 halfSamples + 1] */
  readonly #spans: readonly Float32Array[];
  #filled: number;
  #frame = 0;

  /** @param halfSamples  at least half the distance of two frames */
  constructor(channels: number, sampleRateHz: number, halfSamples: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#length = 2 * halfSamples + 1;
    this.#spans = Array.from({ length: channels }, () => new Float32Array(this.#length));
    this.#filled = halfSamples;
  }

  /** Frames read so far, and the number of the one that is ready. */
  get frame(): number {
    return this.#frame;
  }

  /** Whether a frame is complete. */
  get ready(): boolean {
    return this.#filled === this.#length;
  }

  /**
   * @param block  planar, [channels][frames]; not modified, not kept
   * @returns sample frames taken, from `from` on
   */
  feed(block: Planar, from: number): number {
    const count = Math.min(frameCount(block) - from, this.#length - this.#filled);
    for (let channel = 0; channel < this.#spans.length; channel++) {
      this.#spans[channel]!.set(block[channel]!.subarray(from, from + count), this.#filled);
    }
    this.#filled += count;
    return count;
  }

  /** Feeds zeros, as they stand after the end, until a frame is ready. */
  feedSilence(): void {
    for (const span of this.#spans) span.fill(0, this.#filled);
    this.#filled = this.#length;
  }

  /** @returns the samples of the frame that is ready, [2 halfSamples + 1]; borrowed until {@link next} */
  span(channel: number): Float32Array {
    return this.#spans[channel]!;
  }

  /** Leaves the frame that is ready. */
  next(): void {
    const hop =
      frameCentre(this.#frame + 1, this.#sampleRateHz) - frameCentre(this.#frame, this.#sampleRateHz);
    for (const span of this.#spans) span.copyWithin(0, hop);
    this.#filled -= hop;
    this.#frame++;
  }
}
