import type { HeardPitch } from '../../voice/melody.js';
import type { LevelFrame } from './level-frames.js';
import { LongRuns } from './long-runs.js';

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
/** Voiced frames after which the mean of F0 is known: before, the voice stays near its own register, lest that of the speaker be heard. */
const knownPitchFrames = 50;
/** The gate opens and shuts at these powers relative to speech: 26 and 32 dB below. */
const openShare = 10 ** -2.6;
const shutShare = 10 ** -3.2;
/** Of a full gain in one frame: shutting takes 100 ms, opening one frame. */
const rampStep = 0.1;
/** What is loud but not spoken, 20 dB down. */
const unspokenGain = 0.1;
/** What is voiced, but too quiet for the gate, down to 40 dB below speech: somebody far from the microphone, perhaps. */
const quietShare = 1e-4;
/** What is unspoken for less than half a second, or quiet for less than a second, is the end of a word and the echo of a room. */
const unspokenFindingFrames = 50;
const quietFindingFrames = 100;

/** What is known of one frame of 10 ms once what follows was heard. */
export interface SpeechFrame extends HeardPitch {
  /** whether this is speech: open, and near to what is voiced */
  readonly spoken: boolean;
  /** mean square above 80 Hz over all channels */
  readonly power: number;
  /** what the voice at rms 1 is to be multiplied with, per channel; exactly 0 in pauses and where a channel is silent for a second */
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
  /** how many values it stands for */
  mass = 0;

  constructor(fade: number) {
    this.#fade = fade;
  }

  add(value: number): void {
    this.#sum = this.#sum * this.#fade + value;
    this.mass = this.mass * this.#fade + 1;
  }

  /** 0 of nothing at all */
  get mean(): number {
    return this.mass > 0 ? this.#sum / this.mass : 0;
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
  #spokenGain: number | undefined;
  readonly #unspoken = new LongRuns(unspokenFindingFrames);
  readonly #quiet = new LongRuns(quietFindingFrames);
  /** frames of speech */
  speechFrames = 0;

  constructor(channels: number) {
    this.#channels = channels;
  }

  /** Frames that were loud for at least half a second, but not spoken. */
  get unspokenFrames(): number {
    return this.#unspoken.frames;
  }

  /** Frames that sounded like a voice for at least a second, but so much quieter than the rest that they were left out. */
  get quietFrames(): number {
    return this.#quiet.frames;
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
    const spokenPower = this.#speechPower.mean;
    const levelPower = spokenPower > 0 ? spokenPower : this.#activePower.mean;
    // What opened it before anybody spoke was measured by itself.
    if (this.#speaking !== spokenPower > 0) this.#open = false;
    this.#speaking = spokenPower > 0;
    this.#open = power > 0 && power > levelPower * (this.#open ? shutShare : openShare);
    const near = this.#voicedNear(number);
    const spoken = this.#open && near;
    if (spoken) this.speechFrames++;
    this.#unspoken.push(this.#open && !near);
    this.#quiet.push(this.#speaking && !this.#open && near && power > quietShare * spokenPower);
    this.#gate = this.#open ? 1 : Math.max(0, this.#gate - rampStep);
    const spokenGain = near ? 1 : unspokenGain;
    // Noise that the recording begins with is turned down from its first frame on.
    this.#spokenGain ??= spokenGain;
    this.#spokenGain += Math.max(-rampStep, Math.min(rampStep, spokenGain - this.#spokenGain));
    // Ten steps of 0.1 are not quite 1: what is left must be nothing.
    if (this.#gate < rampStep / 2) this.#gate = 0;
    const gain = this.#gate * this.#spokenGain * Math.sqrt(levelPower);
    sink({
      f0Hz,
      riseOctaves: this.#riseOctaves(f0Hz),
      registerOctaves: this.#octaves.mass > 0 ? this.#octaves.mean : null,
      open: this.#open,
      spoken,
      power,
      gains: this.#channelShares(number).map((share) => share * gain),
      peak: this.#peakAround(number),
    });
    this.#given++;
    const drop = this.#given - channelFrames - this.#first;
    if (drop <= 0) return;
    this.#frames.splice(0, drop);
    this.#first += drop;
  }

  #riseOctaves(f0Hz: number): number {
    if (f0Hz <= 0 || this.#octaves.mass === 0) return 0;
    const known = Math.min(1, this.#octaves.mass / knownPitchFrames);
    return known * (Math.log2(f0Hz) - this.#octaves.mean);
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
