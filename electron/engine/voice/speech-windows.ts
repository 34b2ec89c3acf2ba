import { framesPerSecond } from '../dsp/centred-frames.js';
import { melBandCount } from '../dsp/mel-frames.js';
import { melLoudness } from '../dsp/running-mel-mean.js';
import { transpose } from '../dsp/spectrum.js';

const windowFrames = 300;
const leastFrames = 100;
const leastSlots = 5;
const mostSlots = 20;
const secondsOfASlot = 15;
/** Not more than the slots hold: a header that tells too short a length must not have all of a long recording heard. */
const mostFrames = mostSlots * windowFrames;
/** Of a recording whose length nobody knows a window of 3 s is heard in every half minute. */
const unknownSlotSeconds = 30;
/** Less than 30 dB below what was recently loudest: the definition of activity in training. */
const activeShare = 10 ** -1.5;
/** How long a loud moment counts as recent: 20 dB in 5 s. */
const fadeOfLoudest = 10 ** (-20 / 20 / 500);
/** Frames at the start of a slot whose windows reach into what may have been skipped before it. */
const jointFrames = 2;

/** Log mel of speech. */
export interface SpeechWindow {
  /** [80][frames], natural logarithms; owned by the receiver */
  readonly mel: Float32Array;
  /** 100 to 300, of 10 ms */
  readonly frames: number;
}

/** Takes one window. */
export type WindowSink = (window: SpeechWindow) => void;

/**
 * Picks the frames that tell who speaks: of each of 5 to 20 slots of a recording the first 3 s of loud frames, cut into windows
 * of 3 s; what is left at the end is a window of its own from 1 s on. After a minute of them it ends, whatever the length was said to be. So what is heard is spread over the recording, its work does not grow with
 * the length, and most of a long recording can be skipped unseen.
 *
 * The definition, step by step, is that of `native-models/common/sotto_models/voice/speech_windows.py`, over which the embedder was
 * calibrated; vectors of it are tested here.
 */
export class SpeechWindows {
  readonly #slotFrames: number;
  readonly #rows = new Float32Array(windowFrames * melBandCount);
  #filled = 0;
  #frame = 0;
  /** frames taken of this slot */
  #counted = 0;
  /** frames taken of all slots */
  #taken = 0;
  #loudest = 0;

  /** @param seconds  length of the recording, may be an estimate; null where nobody knows it */
  constructor(seconds: number | null) {
    this.#slotFrames = Math.max(windowFrames, framesPerSecond * slotSeconds(seconds));
  }

  /**
   * @param row   log mel of the next frame, [80]; not modified, not kept
   * @param sink  takes the window that the frame completes
   */
  push(row: Float64Array, sink: WindowSink): void {
    if (this.#taken === mostFrames) return;
    const frame = this.#frame++;
    const inside = frame % this.#slotFrames;
    if (inside === 0) this.#counted = 0;
    const joint = frame >= this.#slotFrames && inside < jointFrames;
    if (this.#counted === windowFrames || joint) return;
    const level = melLoudness(row);
    // Samples so large that their power is no number are not speech either.
    if (!Number.isFinite(level)) return;
    this.#loudest = Math.max(level, this.#loudest * fadeOfLoudest);
    if (!(level > activeShare * this.#loudest)) return;
    this.#rows.set(row, this.#filled * melBandCount);
    this.#filled++;
    this.#counted++;
    this.#taken++;
    if (this.#filled === windowFrames) this.#give(sink);
  }

  /**
   * To be asked after every whole second of the recording. What it says must then be left out, and the frame that comes next is
   * taken for the one behind that: seconds are whole frames at every sample rate.
   * @param second  how many seconds were heard or left out so far
   * @returns whole seconds from there on in which nothing will be looked at; Infinity where nothing is any more
   */
  skipFrom(second: number): number {
    if (this.#taken === mostFrames) return Infinity;
    if (this.#counted < windowFrames) return 0;
    const nextSlot = Math.ceil((second * framesPerSecond) / this.#slotFrames) * this.#slotFrames;
    const seconds = nextSlot / framesPerSecond - second;
    this.#frame += seconds * framesPerSecond;
    return seconds;
  }

  /** Gives what is left, if it is a second or more. Nothing may be pushed after it. */
  finish(sink: WindowSink): void {
    if (this.#filled >= leastFrames) this.#give(sink);
  }

  #give(sink: WindowSink): void {
    const frames = this.#filled;
    this.#filled = 0;
    sink({ mel: transpose(this.#rows.subarray(0, frames * melBandCount), frames, melBandCount), frames });
  }
}

function slotSeconds(seconds: number | null): number {
  if (seconds === null) return unknownSlotSeconds;
  const slots = Math.min(mostSlots, Math.max(leastSlots, Math.ceil(seconds / secondsOfASlot)));
  return Math.ceil(seconds / slots);
}
