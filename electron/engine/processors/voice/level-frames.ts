import { CentredFrames, voiceFrameCount } from '../../dsp/centred-frames.js';
import { HighPass } from '../../dsp/high-pass.js';
import { frameCount, type Planar } from '../../dsp/planar.js';

/** Below it lie offset, rumble and mains hum; the voice has most of its power above. */
const cutoffHz = 80;
/** Of the power that a channel has in all, 120 dB: less than this is the rounding of the high-pass. */
const roundingShare = 1e-12;

/** How loud 10 ms are. */
export interface LevelFrame {
  /** mean square above 80 Hz per channel, exactly 0 where a channel is digitally silent; owned by the receiver */
  readonly powers: Float64Array;
  /** largest magnitude of all channels, with whatever lies below 80 Hz */
  readonly peak: number;
}

/** Takes one frame. */
export type LevelSink = (frame: LevelFrame) => void;

/** The level of every 10 ms, on the grid of {@link CentredFrames}: as many frames as the pitch tracker gives, at the same instants. */
export class LevelFrames {
  readonly #sampleRateHz: number;
  readonly #highPasses: readonly HighPass[];
  readonly #spans: CentredFrames;
  readonly #filteredSpans: CentredFrames;
  #givenFrames = 0;

  constructor(sampleRateHz: number, channels: number) {
    const halfSamples = Math.ceil(sampleRateHz / 200);
    this.#sampleRateHz = sampleRateHz;
    this.#highPasses = Array.from({ length: channels }, () => new HighPass(cutoffHz, sampleRateHz));
    this.#spans = new CentredFrames(channels, sampleRateHz, halfSamples);
    this.#filteredSpans = new CentredFrames(channels, sampleRateHz, halfSamples);
  }

  /** @param block  planar, [channels][frames]; not modified, not kept */
  push(block: Planar, sink: LevelSink): void {
    const frames = frameCount(block);
    const filtered = block.map((samples, channel) => this.#highPasses[channel]!.push(samples));
    this.#givenFrames += frames;
    for (let at = 0; at < frames;) {
      this.#filteredSpans.feed(filtered, at);
      at += this.#spans.feed(block, at);
      if (this.#spans.ready) this.#take(sink);
    }
  }

  /** Gives the frames that reach beyond the end. */
  finish(sink: LevelSink): void {
    const count = voiceFrameCount(this.#givenFrames, this.#sampleRateHz);
    while (this.#spans.frame < count) {
      this.#spans.feedSilence();
      this.#filteredSpans.feedSilence();
      this.#take(sink);
    }
  }

  #take(sink: LevelSink): void {
    let peak = 0;
    const powers = Float64Array.from(this.#highPasses, (_, channel) => {
      const span = this.#spans.span(channel);
      const filtered = this.#filteredSpans.span(channel);
      let [whole, above] = [0, 0];
      for (let n = 0; n < span.length; n++) {
        const value = span[n]!;
        whole += value * value;
        above += filtered[n]! * filtered[n]!;
        const magnitude = value < 0 ? -value : value;
        if (magnitude > peak) peak = magnitude;
      }
      return above > roundingShare * whole && whole > 0 ? above / span.length : 0;
    });
    this.#spans.next();
    this.#filteredSpans.next();
    sink({ powers, peak });
  }
}
