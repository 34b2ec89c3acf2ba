import { type ControlBlock, type LiveStatus, type MixLevels, ringStride } from './control-block.js';
import type { LiveAhead } from './live-ahead.js';
import { advance, loops } from './play-order.js';
import type { PlayOrder } from './play-order.js';

/** Seconds that a change of version, a seek, a start or a stop takes: equal-gain, 10 ms. */
export const fadeSeconds = 0.01;

/** Half of the dip at the joint of a loop, where two places of the recording meet. */
const loopDipSeconds = 0.0025;

/** Sample frames that must lie in the ring before sound begins, so that a start does not stutter. */
const startFrames = 2048;

const atRest: PlayOrder = { startFrame: 0, direction: 1, speed: 1, loopStart: 0, loopEnd: 0 };

/**
 * Turns what lies in the ring into sound. Raw and result lie in the same slot of the ring, so that both are always at the same
 * sample frame. Holds no device: the worklet calls {@link process}, tests do too.
 *
 * Sound begins and ends in a fade; another place in the recording begins while the old one fades out ("tail"); what ends
 * by itself (end of file, ring run empty) is let down from its last value. Levels glide, so that no step is ever heard.
 */
export class MixerCore {
  readonly #control: ControlBlock;
  readonly #length: number;
  readonly #fadeFrames: number;
  readonly #dipFrames: number;
  readonly #step: number;
  /** moved in place: nothing is allocated per sample on the audio thread */
  readonly #levels: { -readonly [Level in keyof MixLevels]: MixLevels[Level] };
  #epoch = 0;
  #order = atRest;
  #cursor = 0;
  /** sample frames before the start of the order that stand in the ring first, for the net alone */
  #runUp = 0;
  #read = 0;
  /** the fade of the running way, 0 silent to {@link #fadeFrames} full; counted, so that no rounding adds up */
  #fade = 0;
  /** the old way fading out, [frames] per ear; empty when there is none */
  #tailLeft = new Float32Array(0);
  #tailRight = new Float32Array(0);
  #tailAt = 0;
  /** last value before a sudden end, let down over the fade time */
  #restLeft = 0;
  #restRight = 0;
  #restFrames = 0;
  #left = 0;
  #right = 0;
  #live: LiveAhead | null;
  /** takes over when the one before is not heard any more */
  #nextLive: LiveAhead | null = null;
  #liveSession = 0;
  /** what live glides to in this block: the level set, 0 where nothing is computed */
  #liveTarget = 0;

  /**
   * @param control       shared with window and feeder
   * @param sampleRateHz  of the recording and of the audio context
   * @param length        sample frames of the recording
   * @param live          what enhances while it plays; null while there is no net
   */
  constructor(control: ControlBlock, sampleRateHz: number, length: number, live: LiveAhead | null = null) {
    this.#control = control;
    this.#live = live;
    this.#length = length;
    this.#fadeFrames = Math.max(1, Math.round(fadeSeconds * sampleRateHz));
    this.#dipFrames = Math.max(1, Math.round(loopDipSeconds * sampleRateHz));
    this.#step = 1 / this.#fadeFrames;
    this.#levels = { ...control.levels };
  }

  /** Takes a net that was opened after the recording; one that is being heard fades to raw before it. */
  useLive(live: LiveAhead): void {
    this.#nextLive = live;
  }

  /**
   * Writes the next block of sound.
   * @param left   [frames], overwritten
   * @param right  [frames], overwritten
   */
  process(left: Float32Array, right: Float32Array): void {
    this.#exchangeLive();
    const { requestEpoch } = this.#control;
    if (requestEpoch !== this.#epoch) this.#adopt(requestEpoch);
    const target = this.#control.levels;
    const filled = this.#control.filledFor(this.#epoch);
    const feedEnded = this.#control.feedEndedFor(this.#epoch);
    const status = this.#advanceLive(filled, feedEnded, left.length);
    this.#control.setLiveStatus(this.#liveSession, status);
    // A way that waits for the net begins with it: nothing of it is heard until then.
    const heard = status === 'ready' || (status === 'preparing' && this.#fade === 0);
    this.#liveTarget = heard && !this.#nextLive ? target.live : 0;
    // In silence there is nothing to glide: the first frame is heard at the levels set.
    if (this.#fade === 0 && this.#restFrames === 0 && this.#tailAt >= this.#tailLeft.length) {
      Object.assign(this.#levels, target);
      this.#levels.live = this.#liveTarget;
    }
    let wanted = this.#control.play && this.#control.endedEpoch !== this.#epoch;
    // Wait for a small lead, else a start from an almost empty ring stutters.
    if (wanted && this.#fade === 0 && !feedEnded && filled - this.#read < this.#lead()) wanted = false;
    // Live is heard from the first sample frame on, not raw until the net is ready.
    if (this.#fade === 0 && target.live > 0 && status === 'preparing') wanted = false;
    let peakLeft = 0;
    let peakRight = 0;
    for (let i = 0; i < left.length; i++) {
      this.#glide(target);
      this.#renderFrame(wanted, filled);
      left[i] = this.#left;
      right[i] = this.#right;
      peakLeft = Math.max(peakLeft, Math.abs(this.#left));
      peakRight = Math.max(peakRight, Math.abs(this.#right));
    }
    this.#publish(filled, feedEnded);
    this.#control.raiseMeter(peakLeft, peakRight);
  }

  #exchangeLive(): void {
    if (!this.#nextLive || (this.#fade > 0 && this.#levels.live > 0)) return;
    this.#live = this.#nextLive;
    this.#nextLive = null;
  }

  /** Lets the net compute ahead of the position. @returns what is to be heard of it in this block */
  #advanceLive(filled: number, feedEnded: boolean, frames: number): LiveStatus {
    const live = this.#live;
    const { liveSession, disposed } = this.#control;
    if (liveSession !== this.#liveSession) live?.forgive();
    this.#liveSession = liveSession;
    if (!live || liveSession === 0 || disposed) {
      live?.end();
      return 'off';
    }
    if (live.overloaded) {
      live.end();
      return 'overloaded';
    }
    // The net hears forward at normal speed, as it was trained to.
    if (!isNormal(this.#order)) return 'bypassed';
    if (!live.running) live.begin(this.#read, this.#cursor);
    live.advance(this.#read, filled, feedEnded, frames);
    if (live.covers(this.#read, frames + this.#fadeFrames, filled, feedEnded)) return 'ready';
    return live.reaches(this.#read) ? 'preparing' : 'bypassed';
  }

  #lead(): number {
    return Math.min(startFrames * this.#order.speed, this.#control.ringFrames / 2);
  }

  /** Records what the old way would have sounded like while fading out, then lets the feeder have the ring. */
  #adopt(epoch: number): void {
    const order = this.#control.requestedOrder;
    const wasSounding = this.#fade > 0;
    const wasSilent = !wasSounding && this.#restFrames === 0 && this.#tailAt >= this.#tailLeft.length;
    const frames = wasSilent ? 0 : this.#fadeFrames;
    const left = new Float32Array(frames);
    const right = new Float32Array(frames);
    const filled = this.#control.filledFor(this.#epoch);
    const live = this.#live;
    const runUp =
      live && this.#control.liveSession > 0 && isNormal(order) ? live.runUpBefore(order.startFrame) : 0;
    for (let i = 0; i < frames; i++) {
      this.#renderFrame(wasSounding, filled);
      const fade = 1 - (i + 1) / frames;
      left[i] = this.#left * fade;
      right[i] = this.#right * fade;
    }
    this.#tailLeft = left;
    this.#tailRight = right;
    this.#tailAt = 0;
    this.#restFrames = 0;
    this.#fade = 0;
    this.#epoch = epoch;
    this.#order = order;
    this.#cursor = order.startFrame;
    this.#runUp = runUp;
    this.#read = runUp;
    live?.clear();
    this.#control.position = order.startFrame;
    this.#control.adopt(epoch, order, runUp);
  }

  #publish(filled: number, feedEnded: boolean): void {
    const control = this.#control;
    control.readCount = this.#read;
    const atEnd = feedEnded && filled - this.#read < this.#order.speed;
    if (atEnd && control.play) control.endedEpoch = this.#epoch;
    // Backward the cursor ends at -1, which is the beginning; a rest of less than one fast step is the end.
    const finish = this.#order.direction === 1 ? this.#length : 0;
    control.position = atEnd ? finish : Math.max(0, this.#cursor);
    control.sounding = this.#fade > 0 || this.#tailAt < this.#tailLeft.length || this.#restFrames > 0;
  }

  #renderFrame(wanted: boolean, filled: number): void {
    const available = filled - this.#read >= this.#order.speed;
    let left = 0;
    let right = 0;
    if (available && (wanted || this.#fade > 0)) {
      // The very first frame of a recording is its own beginning and is not faded.
      const own = this.#read === 0 && this.#cursor === 0 && this.#order.direction === 1;
      const full = this.#fadeFrames;
      this.#fade = wanted ? Math.min(full, own ? full : this.#fade + 1) : Math.max(0, this.#fade - 1);
      const gain = (this.#fade / full) * this.#loopGain() * this.#levels.volume;
      this.#take();
      left = this.#left * gain;
      right = this.#right * gain;
      this.#restLeft = left;
      this.#restRight = right;
    } else if (this.#fade > 0) {
      this.#fade = 0;
      this.#restFrames = this.#fadeFrames;
      if (wanted && !this.#control.feedEndedFor(this.#epoch)) this.#control.underruns += 1;
    }
    if (this.#restFrames > 0 && this.#fade === 0) {
      this.#restFrames -= 1;
      left += this.#restLeft * (this.#restFrames / this.#fadeFrames);
      right += this.#restRight * (this.#restFrames / this.#fadeFrames);
    }
    if (this.#tailAt < this.#tailLeft.length) {
      left += this.#tailLeft[this.#tailAt] ?? 0;
      right += this.#tailRight[this.#tailAt] ?? 0;
      this.#tailAt += 1;
    }
    this.#left = left;
    this.#right = right;
  }

  /** Takes one frame of sound from the ring: at shuttle speed the mean of several, which is a crude low-pass. */
  #take(): void {
    const { ring, ringFrames } = this.#control;
    const { speed } = this.#order;
    let left = 0;
    let right = 0;
    const live = this.#levels.live > 0 && this.#live?.has(this.#read) ? this.#live : null;
    for (let i = 0; i < speed; i++) {
      const slot = ((this.#read + i) % ringFrames) * ringStride;
      const rawLeft = ring[slot] ?? 0;
      const rawRight = ring[slot + 1] ?? 0;
      const mixedLeft = this.#mix(rawLeft, ring[slot + 2] ?? 0);
      const mixedRight = this.#mix(rawRight, ring[slot + 3] ?? 0);
      left += live ? this.#mixLive(mixedLeft, rawLeft, live.sample(this.#read, 0)) : mixedLeft;
      right += live ? this.#mixLive(mixedRight, rawRight, live.sample(this.#read, 1)) : mixedRight;
      this.#cursor = advance(this.#order, this.#cursor, this.#length);
    }
    this.#read += speed;
    this.#left = left / speed;
    this.#right = right / speed;
  }

  #mix(raw: number, result: number): number {
    const { side, strengthRatio, rawGain, resultGain } = this.#levels;
    const a = raw * rawGain;
    if (side === 0) return a;
    // Dry/wet is linear, so any strength follows from two renderings; at the rendered one the result is given back bit for bit.
    const b = (strengthRatio === 1 ? result : raw + (result - raw) * strengthRatio) * resultGain;
    return side === 1 ? b : a + (b - a) * side;
  }

  /** Live is heard as it is: its loudness is known only when the whole recording has been computed. */
  #mixLive(mixed: number, raw: number, enhanced: number): number {
    const { live, liveStrength } = this.#levels;
    const heard = liveStrength === 1 ? enhanced : raw + (enhanced - raw) * liveStrength;
    return live === 1 ? heard : mixed + (heard - mixed) * live;
  }

  #loopGain(): number {
    if (!loops(this.#order, this.#cursor)) return 1;
    const { loopStart, loopEnd } = this.#order;
    const toEnd = (Math.min(loopEnd, this.#length) - this.#cursor) / this.#dipFrames;
    // The first pass comes in from outside of the loop and has no joint at its start.
    const looped = this.#read - this.#runUp >= loopEnd - this.#order.startFrame;
    const fromStart = looped ? (this.#cursor - loopStart) / this.#dipFrames : 1;
    return Math.max(0, Math.min(1, toEnd, fromStart));
  }

  #glide(target: MixLevels): void {
    const now = this.#levels;
    const step = this.#step;
    now.side = towards(now.side, target.side, step);
    now.strengthRatio = towards(now.strengthRatio, target.strengthRatio, step);
    now.rawGain = towards(now.rawGain, target.rawGain, step);
    now.resultGain = towards(now.resultGain, target.resultGain, step);
    now.volume = towards(now.volume, target.volume, step);
    now.live = towards(now.live, this.#liveTarget, step);
    now.liveStrength = towards(now.liveStrength, target.liveStrength, step);
  }
}

/** @returns whether sound goes forward at its own speed */
function isNormal(order: PlayOrder): boolean {
  return order.direction === 1 && order.speed === 1;
}

/** @returns `now` moved by at most `step` towards `target`, exactly `target` once it is that near */
function towards(now: number, target: number, step: number): number {
  const distance = target - now;
  return Math.abs(distance) <= step ? target : now + Math.sign(distance) * step;
}
