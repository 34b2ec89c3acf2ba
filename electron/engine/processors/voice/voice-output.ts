import { frameCentre } from '../../dsp/centred-frames.js';
import { concatenated, silence, type Planar } from '../../dsp/planar.js';
import type { SpeechFrame } from './speech-track.js';

/** Frames on either side over which too high a peak lowers the gain: slow enough to be no limiter. */
const slowFrames = 25;

/** Gains and peak of one frame, see {@link SpeechFrame}. */
type GainFrame = Pick<SpeechFrame, 'gains' | 'peak'>;

/**
 * Brings the voice at rms 1 to the level of the recording: each channel its own gains, linear between the centres of frames, and where
 * the voice would rise above the recording's peak nearby all of them slowly lower. Samples come half a second later.
 */
export class VoiceOutput {
  readonly #sampleRateHz: number;
  readonly #channels: number;
  /** from frame `#firstFrame` on, all three */
  readonly #gains: GainFrame[] = [];
  readonly #ceilings: number[] = [];
  readonly #lowest: number[] = [];
  #firstFrame = 0;
  /** of the voice, from number `#heldFrom` on; those before `#next` were given */
  #held = new Float32Array(0);
  #heldFrom = 0;
  #next = 0;
  #given = 0;

  constructor(sampleRateHz: number, channels: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#channels = channels;
  }

  /** Takes the gains of the next frame; they must come before the samples around it. */
  pushFrame({ gains, peak }: GainFrame): void {
    this.#gains.push({ gains, peak });
  }

  /**
   * @param samples  the next ones of the voice, mono; not modified, not kept
   * @returns what is ready, [channels][0 or more]
   */
  push(samples: Float32Array): Planar {
    this.#hold(samples);
    const end = this.#heldFrom + this.#held.length;
    while (this.#measured + 1 < this.#frames && this.#centre(this.#measured + 1) <= end) this.#measure(end);
    const parts: Planar[] = [];
    while (this.#given + 2 * slowFrames < this.#measured)
      parts.push(this.#make(this.#centre(this.#given + 1)));
    return concatenated(parts, this.#channels);
  }

  /** @returns what is left, up to the last sample that was pushed */
  finish(): Planar {
    const end = this.#heldFrom + this.#held.length;
    while (this.#measured < this.#frames) this.#measure(end);
    const parts: Planar[] = [];
    while (this.#given < this.#frames && this.#next < end) {
      const last = this.#given + 1 === this.#frames;
      parts.push(this.#make(last ? end : Math.min(end, this.#centre(this.#given + 1))));
    }
    return concatenated(parts, this.#channels);
  }

  get #frames(): number {
    return this.#firstFrame + this.#gains.length;
  }

  /** Frames whose ceiling is known. */
  get #measured(): number {
    return this.#firstFrame + this.#ceilings.length;
  }

  #centre(frame: number): number {
    return frameCentre(frame, this.#sampleRateHz);
  }

  /** Drops what was given and adds what came, in one copy. */
  #hold(samples: Float32Array): void {
    const kept = this.#held.subarray(this.#next - this.#heldFrom);
    const held = new Float32Array(kept.length + samples.length);
    held.set(kept);
    held.set(samples, kept.length);
    this.#held = held;
    this.#heldFrom = this.#next;
  }

  /** Notes by how much the voice between this centre and the next must be lowered so as not to rise above the recording. */
  #measure(end: number): void {
    const frame = this.#measured;
    const from = this.#centre(frame) - this.#heldFrom;
    const to = Math.min(end, this.#centre(frame + 1)) - this.#heldFrom;
    let loudest = 0;
    for (let n = Math.max(0, from); n < to; n++) loudest = Math.max(loudest, Math.abs(this.#held[n]!));
    const here = this.#gainsOf(frame);
    const next = this.#gainsOf(frame + 1);
    const wanted = loudest * Math.max(...here.gains, ...next.gains);
    this.#ceilings.push(wanted > here.peak ? here.peak / wanted : 1);
  }

  #gainsOf(frame: number): GainFrame {
    return this.#gains[Math.min(frame, this.#frames - 1) - this.#firstFrame]!;
  }

  /** The smallest ceiling near each frame, and the mean of that: at most the ceiling of this frame and of its neighbours. */
  #lowered(frame: number): number {
    let sum = 0;
    for (let t = frame - slowFrames + 1; t < frame + slowFrames; t++) sum += this.#lowestNear(t);
    return sum / (2 * slowFrames - 1);
  }

  #lowestNear(frame: number): number {
    const known = this.#lowest[frame - this.#firstFrame];
    if (known !== undefined) return known;
    let lowest = 1;
    for (let t = frame - slowFrames; t <= frame + slowFrames; t++) {
      lowest = Math.min(lowest, this.#ceilings[t - this.#firstFrame] ?? 1);
    }
    if (frame >= this.#firstFrame) this.#lowest[frame - this.#firstFrame] = lowest;
    return lowest;
  }

  /** @returns the samples up to `end`, which lie between this frame's centre and the next */
  #make(end: number): Planar {
    const frame = this.#given;
    const start = this.#next;
    const offset = start - this.#heldFrom;
    const made = silence(this.#channels, end - start);
    const first = this.#centre(frame);
    const hop = this.#centre(frame + 1) - first;
    const here = this.#lowered(frame);
    const next = frame + 1 < this.#frames ? this.#lowered(frame + 1) : here;
    made.forEach((samples, channel) => {
      const from = here * this.#gainsOf(frame).gains[channel]!;
      const to = next * this.#gainsOf(frame + 1).gains[channel]!;
      for (let n = 0; n < samples.length; n++) {
        const share = (start + n - first) / hop;
        samples[n] = this.#held[offset + n]! * (from + share * (to - from));
      }
    });
    this.#next = end;
    this.#given++;
    this.#forget();
    return made;
  }

  #forget(): void {
    const drop = this.#given - 2 * slowFrames - this.#firstFrame;
    if (drop <= 0) return;
    for (const list of [this.#gains, this.#ceilings, this.#lowest]) list.splice(0, drop);
    this.#firstFrame += drop;
  }
}
