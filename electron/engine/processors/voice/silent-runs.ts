import type { Planar } from '../../dsp/planar.js';

/** Fewer zeros in a row are quiet sound that crosses zero. */
const leastSeconds = 0.01;
/** The voice fades beside a run, never in it. */
const fadeSeconds = 0.0025;

/** Samples `from` up to `to`, not included. */
interface Run {
  readonly from: number;
  readonly to: number;
}

/**
 * Keeps what is digitally silent in the recording silent in the result, channel by channel and sample by sample: a microphone that
 * was switched off says nothing, whoever speaks into another. Runs of zeros count from 10 ms on.
 */
export class SilentRuns {
  readonly #channels: readonly ChannelRuns[];

  constructor(sampleRateHz: number, channels: number) {
    this.#channels = Array.from({ length: channels }, () => new ChannelRuns(sampleRateHz));
  }

  /** @param block  the next of the recording, [channels][frames]; not modified, not kept */
  push(block: Planar): void {
    this.#channels.forEach((runs, channel) => runs.push(block[channel]!));
  }

  /**
   * @param block  the next of the result, at least {@link leastSeconds} behind the recording until that has ended; changed
   * @returns the same
   */
  mute(block: Planar): Planar {
    this.#channels.forEach((runs, channel) => runs.mute(block[channel]!));
    return block;
  }
}

class ChannelRuns {
  readonly #least: number;
  readonly #fade: number;
  /** that have ended, in order */
  readonly #runs: Run[] = [];
  #pushed = 0;
  /** where the zeros begin that reach up to what was pushed last */
  #since = 0;
  #muted = 0;

  constructor(sampleRateHz: number) {
    this.#least = Math.ceil(leastSeconds * sampleRateHz);
    this.#fade = Math.ceil(fadeSeconds * sampleRateHz);
  }

  push(samples: Float32Array): void {
    for (let n = 0; n < samples.length; n++) {
      if (samples[n] === 0) continue;
      const to = this.#pushed + n;
      if (to - this.#since >= this.#least) this.#runs.push({ from: this.#since, to });
      this.#since = to + 1;
    }
    this.#pushed += samples.length;
  }

  mute(samples: Float32Array): void {
    const start = this.#muted;
    this.#muted += samples.length;
    for (const run of this.#runs) this.#apply(run, samples, start);
    if (this.#pushed - this.#since >= this.#least) {
      this.#apply({ from: this.#since, to: Infinity }, samples, start);
    }
    while (this.#runs[0] && this.#runs[0].to + this.#fade <= this.#muted) this.#runs.shift();
  }

  #apply({ from, to }: Run, samples: Float32Array, start: number): void {
    const end = Math.min(to + this.#fade, start + samples.length);
    for (let n = Math.max(from - this.#fade, start); n < end; n++) {
      const away = n < from ? from - n : n >= to ? n - to + 1 : 0;
      // Times zero could be minus zero.
      samples[n - start] = away === 0 ? 0 : (samples[n - start]! * away) / (this.#fade + 1);
    }
  }
}
