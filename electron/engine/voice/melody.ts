import type { VoiceSettings } from '../../contract/chain.js';
import { Xorshift } from '../dsp/xorshift.js';

/** What the synthesis heard in training. */
const lowestOctaves = Math.log2(50);
const highestOctaves = Math.log2(600);
/** Frames of 10 ms without speech after which a new phrase begins. */
const pauseFrames = 30;
/** A phrase begins so much above its end, in octaves, and has come down by two thirds of that after so many frames. */
const declinationOctaves = 0.22;
const declinationFrames = 150;
/** Where a phrase ends up, so that its mean is about the register. */
const endOctaves = -0.08;
/** The template wanders by so much at most, between places so many frames apart. */
const wanderOctaves = 0.1;
const wanderFrames = 35;

/** What a melody follows of the recording in one frame of 10 ms. */
export interface HeardPitch {
  /** 0 where unvoiced */
  readonly f0Hz: number;
  /** F0 above the speaker's running mean; 0 where unvoiced, and drawn to 0 while that mean is hardly known */
  readonly riseOctaves: number;
  /** log2 of the speaker's running mean F0, however little is known of it; null where nothing is */
  readonly registerOctaves: number | null;
  /** whether the gate is open: somebody speaks, voiced or not */
  readonly open: boolean;
}

/** How a {@link Melody} is made. */
export interface MelodyOptions {
  readonly pitch: VoiceSettings['pitch'];
  /** how far F0 leaves the recording's own, 0 to 1 */
  readonly strength: number;
  /** of the voice that speaks; null where the speaker keeps theirs */
  readonly registerHz: number | null;
  /** of the template's wandering; 32 bits, not 0 */
  readonly seed: number;
}

/**
 * The F0 to speak with, frame by frame. `natural` moves the recording's own as a whole to the register of the voice, or leaves it where
 * the speaker keeps theirs; `flat` stays on the register, which is then the speaker's running mean; `template` comes down over a phrase and wanders slowly, and takes nothing from the recording but where it is voiced
 * and where it pauses. Strength moves from the recording's F0 to that, in octaves.
 */
export class Melody {
  readonly #options: MelodyOptions;
  /** null where it is the speaker's own */
  readonly #registerOctaves: number | null;
  readonly #random: Xorshift;
  #silentFrames = pauseFrames;
  #phraseFrames = 0;
  #wandered = 0;
  #from: number;
  #to: number;

  constructor(options: MelodyOptions) {
    this.#options = options;
    this.#registerOctaves = options.registerHz === null ? null : Math.log2(options.registerHz);
    this.#random = new Xorshift(options.seed);
    this.#from = this.#random.next();
    this.#to = this.#random.next();
  }

  /** @returns Hz, 50 to 600, for the next frame; 0 where it is unvoiced */
  next(heard: HeardPitch): number {
    this.#step(heard.open);
    if (heard.f0Hz <= 0) return 0;
    const own = Math.log2(heard.f0Hz);
    const octaves = own + this.#options.strength * (this.#wanted(heard, own) - own);
    return 2 ** Math.max(lowestOctaves, Math.min(highestOctaves, octaves));
  }

  #wanted({ riseOctaves, registerOctaves }: HeardPitch, own: number): number {
    const register = this.#registerOctaves ?? registerOctaves ?? own;
    switch (this.#options.pitch) {
      case 'natural':
        return this.#registerOctaves === null ? own : register + riseOctaves;
      case 'flat':
        return register;
      case 'template': {
        const fall = declinationOctaves * Math.exp(-this.#phraseFrames / declinationFrames);
        return register + fall + endOctaves + this.#wander();
      }
    }
  }

  /** Goes on by one frame, also where nothing is voiced. */
  #step(open: boolean): void {
    if (open && this.#silentFrames >= pauseFrames) this.#phraseFrames = 0;
    else this.#phraseFrames++;
    this.#silentFrames = open ? 0 : this.#silentFrames + 1;
    this.#wandered++;
    if (this.#wandered < wanderFrames) return;
    this.#wandered = 0;
    this.#from = this.#to;
    this.#to = this.#random.next();
  }

  #wander(): number {
    const share = 0.5 - 0.5 * Math.cos((Math.PI * this.#wandered) / wanderFrames);
    return wanderOctaves * (this.#from + share * (this.#to - this.#from));
  }
}
