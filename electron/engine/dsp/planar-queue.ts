import { silence, type Planar } from './planar.js';

/** First in, first out over sample frames: keeps what went in until the matching frames come out elsewhere. */
export class PlanarQueue {
  readonly #channels: number;
  readonly #blocks: Planar[] = [];
  /** sample frames of the oldest block that were taken already */
  #taken = 0;
  #frames = 0;

  constructor(channels: number) {
    this.#channels = channels;
  }

  /** Sample frames held. */
  get frames(): number {
    return this.#frames;
  }

  /** @param block  planar, [channels][frames]; copied */
  push(block: Planar): void {
    const frames = block[0]?.length ?? 0;
    if (frames === 0) return;
    this.#blocks.push(block.map((samples) => samples.slice()));
    this.#frames += frames;
  }

  /**
   * @param frames  at most `this.frames`
   * @returns the oldest sample frames, [channels][frames]; owned by the caller
   * @throws RangeError when fewer are held
   */
  take(frames: number): Planar {
    if (frames > this.#frames) throw new RangeError(`Expected ${frames} frames held, found ${this.#frames}.`);
    const result = silence(this.#channels, frames);
    for (let at = 0; at < frames;) {
      const oldest = this.#blocks[0]!;
      const length = oldest[0]!.length;
      const end = Math.min(length, this.#taken + frames - at);
      oldest.forEach((samples, channel) => result[channel]!.set(samples.subarray(this.#taken, end), at));
      at += end - this.#taken;
      this.#taken = end;
      if (end < length) continue;
      this.#blocks.shift();
      this.#taken = 0;
    }
    this.#frames -= frames;
    return result;
  }
}
