import { CentredFrames, voiceFrameCount } from '../../dsp/centred-frames.js';
import { frameCount, type Planar } from '../../dsp/planar.js';

/** How loud 10 ms are. */
export interface LevelFrame {
  /** mean square per channel; owned by the receiver */
  readonly powers: Float64Array;
  /** largest magnitude of all channels */
  readonly peak: number;
}

/** Takes one frame. */
export type LevelSink = (frame: LevelFrame) => void;

/** The level of every 10 ms, on the grid of {@link CentredFrames}: as many frames as the pitch tracker gives, at the same instants. */
export class LevelFrames {
  readonly #sampleRateHz: number;
  readonly #channels: number;
  readonly #spans: CentredFrames;
  #givenFrames = 0;

  constructor(sampleRateHz: number, channels: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#channels = channels;
    this.#spans = new CentredFrames(channels, sampleRateHz, Math.ceil(sampleRateHz / 200));
  }

  /** @param block  planar, [channels][frames]; not modified, not kept */
  push(block: Planar, sink: LevelSink): void {
    const frames = frameCount(block);
    this.#givenFrames += frames;
    for (let at = 0; at < frames;) {
      at += this.#spans.feed(block, at);
      if (this.#spans.ready) this.#take(sink);
    }
  }

  /** Gives the frames that reach beyond the end. */
  finish(sink: LevelSink): void {
    const count = voiceFrameCount(this.#givenFrames, this.#sampleRateHz);
    while (this.#spans.frame < count) {
      this.#spans.feedSilence();
      this.#take(sink);
    }
  }

  #take(sink: LevelSink): void {
    const powers = new Float64Array(this.#channels);
    let peak = 0;
    for (let channel = 0; channel < this.#channels; channel++) {
      const span = this.#spans.span(channel);
      let sum = 0;
      for (let n = 0; n < span.length; n++) {
        const value = span[n]!;
        sum += value * value;
        const magnitude = value < 0 ? -value : value;
        if (magnitude > peak) peak = magnitude;
      }
      powers[channel] = sum / span.length;
    }
    this.#spans.next();
    sink({ powers, peak });
  }
}
