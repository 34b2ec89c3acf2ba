import type { LevelFrame } from './level-frames.js';

/** Frames, of 10 ms, that a decision waits for what comes after them. */
const aheadFrames = 100;
/** A frame belongs to speech where some of those so near are voiced; farther away, laughter, coughs and noise are not said again. */
const nearFrames = 25;
const leastVoicedNear = 5;
/** The share of each channel is that of so many frames on either side: slow enough to be no envelope. */
const channelFrames = 50;
/** Below this share of the recently loudest power nothing is spoken: the definition of activity in training. */
const activeShare = 1e-3;
/** How long a loud moment counts as recent: 20 dB in 5 s. */
const fadeOfLoudest = 10 ** (-20 / 10 / 500);
/** Means fade with so many frames of speech, not of time: pauses change nothing. */
const fadeOfLevel = Math.exp(-1 / 1000);
const fadeOfPitch = Math.exp(-1 / 3000);
/** Before anybody was heard: 158 Hz, between men and women, weighing half a second of voice. */
const priorOctaves = 7.3;
const priorFrames = 50;
/** The gate opens and shuts at these powers relative to speech: 26 and 32 dB below. */
const openShare = 10 ** -2.6;
const shutShare = 10 ** -3.2;
/** Of a full gain in one frame: shutting takes 100 ms, opening one frame. */
const rampStep = 0.1;
/** What is loud but not spoken, 20 dB down. */
const unspokenGain = 0.1;

/** What is known of one frame of 10 ms once what follows was heard. */
export interface SpeechFrame {
  /** of the recording, 0 where unvoiced */
  readonly f0Hz: number;
  /** running mean of log2 F0 around here */
  readonly meanOctaves: number;
  /** whether the gate is open */
  readonly open: boolean;
  /** what the voice at rms 1 is to be multiplied with, per channel; exactly 0 in pauses and where a channel is silent */
  readonly gains: Float64Array;
  /** largest magnitude of the recording within a quarter of a second */
  readonly peak: number;
}

/** Takes one decided frame. */
export type SpeechSink = (frame: SpeechFrame) => void;

interface HeardFrame extends LevelFrame {
  readonly power: number;
  readonly f0Hz: number;
}

/** A mean whose older values fade. */
class FadingMean {
  readonly #fade: number;
  #sum = 0;
  #mass = 0;

  constructor(fade: number) {
    this.#fade = fade;
  }

  add(value: number): void {
    this.#sum = this.#sum * this.#fade + value;
    this.#mass = this.#mass * this.#fade + 1;
  }

  /** @returns the mean of what was added and of `mass` times `prior`; 0 of nothing at all */
  with(prior: number, mass: number): number {
    const total = this.#mass + mass;
    return total > 0 ? (this.#sum + prior * mass) / total : 0;
  }
}

/**
 * Follows where somebody speaks, how loud and how high, frame by frame, a second behind: the level of the result, its pauses, and the
 * share of every channel. The level and the mean of F0 run slowly, so that the loudness of a word is the synthesis' own.
 */
export class SpeechTrack {
  readonly #channels: number;
  /** frames from number `#first` on */
  readonly #frames: HeardFrame[] = [];
  #first = 0;
  #taken = 0;
  #given = 0;
  #loudest = 0;
  readonly #speechPower = new FadingMean(fadeOfLevel);
  /** until somebody was heard to speak */
  readonly #activePower = new FadingMean(fadeOfLevel);
  readonly #octaves = new FadingMean(fadeOfPitch);
  #counted = 0;
  #open = false;
  #speaking = false;
  #gate = 0;
  #spoken = 1;
  /** frames of speech, and frames that were loud but unspoken */
  speechFrames = 0;
  unspokenFrames = 0;

  constructor(channels: number) {
    this.#channels = channels;
  }

  /**
   * @param level  of the next frame
   * @param f0Hz   of the same, 0 where unvoiced
   * @param sink   takes what is decided by now
   */
  push(level: LevelFrame, f0Hz: number, sink: SpeechSink): void {
    const power = level.powers.reduce((sum, value) => sum + value, 0) / this.#channels;
    this.#frames.push({ ...level, power, f0Hz });
    this.#taken++;
    this.#loudest = Math.max(power, this.#loudest * fadeOfLoudest);
    if (this.#taken > nearFrames) this.#count();
    if (this.#taken > aheadFrames) this.#give(sink);
  }

  /** Gives the frames that still wait. Nothing may be pushed after it. */
  finish(sink: SpeechSink): void {
    while (this.#counted < this.#taken) this.#count();
    while (this.#given < this.#taken) this.#give(sink);
  }

  #frame(number: number): HeardFrame | undefined {
    return this.#frames[number - this.#first];
  }

  #voicedNear(number: number): boolean {
    let voiced = 0;
    for (let t = number - nearFrames; t <= number + nearFrames; t++) {
      if ((this.#frame(t)?.f0Hz ?? 0) > 0) voiced++;
    }
    return voiced >= leastVoicedNear;
  }

  /** Adds the next frame to the running means. */
  #count(): void {
    const { power, f0Hz } = this.#frame(this.#counted)!;
    const near = this.#voicedNear(this.#counted);
    this.#counted++;
    if (!(power > activeShare * this.#loudest)) return;
    this.#activePower.add(power);
    if (!near || f0Hz <= 0) return;
    // Voiced frames alone, about a dB above all of speech: what surrounds a word may be noise, and would lower the level.
    this.#speechPower.add(power);
    this.#octaves.add(Math.log2(f0Hz));
  }

  #give(sink: SpeechSink): void {
    const number = this.#given;
    const { power, f0Hz } = this.#frame(number)!;
    const spokenPower = this.#speechPower.with(0, 0);
    const levelPower = spokenPower > 0 ? spokenPower : this.#activePower.with(0, 0);
    // What opened it before anybody spoke was measured by itself.
    if (this.#speaking !== spokenPower > 0) this.#open = false;
    this.#speaking = spokenPower > 0;
    this.#open = power > 0 && power > levelPower * (this.#open ? shutShare : openShare);
    const near = this.#voicedNear(number);
    if (this.#open && near) this.speechFrames++;
    if (this.#open && !near) this.unspokenFrames++;
    this.#gate = this.#open ? 1 : Math.max(0, this.#gate - rampStep);
    const spoken = near ? 1 : unspokenGain;
    this.#spoken += Math.max(-rampStep, Math.min(rampStep, spoken - this.#spoken));
    // Ten steps of 0.1 are not quite 1: what is left must be nothing.
    if (this.#gate < rampStep / 2) this.#gate = 0;
    const gain = this.#gate * this.#spoken * Math.sqrt(levelPower);
    sink({
      f0Hz,
      meanOctaves: this.#octaves.with(priorOctaves, priorFrames),
      open: this.#open,
      gains: this.#channelShares(number).map((share) => share * gain),
      peak: this.#peakAround(number),
    });
    this.#given++;
    const drop = this.#given - channelFrames - this.#first;
    if (drop <= 0) return;
    this.#frames.splice(0, drop);
    this.#first += drop;
  }

  /** rms of every channel over the mean of all, summed anew each time, so that silence is exactly 0. */
  #channelShares(number: number): Float64Array {
    const sums = new Float64Array(this.#channels);
    for (let t = number - channelFrames; t <= number + channelFrames; t++) {
      const frame = this.#frame(t);
      if (!frame) continue;
      for (let channel = 0; channel < this.#channels; channel++) sums[channel]! += frame.powers[channel]!;
    }
    const mean = sums.reduce((sum, value) => sum + value, 0) / this.#channels;
    return sums.map((sum) => (mean > 0 ? Math.sqrt(sum / mean) : 0));
  }

  #peakAround(number: number): number {
    let peak = 0;
    for (let t = number - nearFrames; t <= number + nearFrames; t++) {
      peak = Math.max(peak, this.#frame(t)?.peak ?? 0);
    }
    return peak;
  }
}
