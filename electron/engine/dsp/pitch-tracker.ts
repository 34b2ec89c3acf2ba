import { CentredFrames, voiceFrameCount } from './centred-frames.js';
import { openRealFft } from './open-real-fft.js';
import { candidatesPerFrame, f0RangeHz, PitchCandidates, pitchLayout } from './pitch-candidates.js';
import { frameCount, type Planar } from './planar.js';
import type { RealFft } from './real-fft.js';

/** Costs of the path through the candidates; tuned on training speech, see `native-models/common/scripts/judge_pitch.py`. */
export interface PitchCosts {
  /** how periodic a frame must be to be called voiced */
  readonly voicing: number;
  /** advantage of each octave upwards, which keeps the track from falling to half the pitch */
  readonly octave: number;
  /** cost of each octave between two frames */
  readonly jump: number;
  /** cost of a voice that begins or ends */
  readonly change: number;
  /** dB below the recent maximum at which a frame is as good as silent */
  readonly silenceDb: number;
}

const usualCosts: PitchCosts = { voicing: 0.4, octave: 0.02, jump: 0.6, change: 0.1, silenceDb: 45 };

/** Frames that a decision waits for what comes after them; with half the window, 175 ms. */
const aheadFrames = 15;
/** How long a loud moment counts as recent. */
const fadeOfMaximum = 10 ** (-20 / 10 / 500);
/** One state for each candidate and one for "no voice", which is the last. */
const states = candidatesPerFrame + 1;
const unvoiced = candidatesPerFrame;

/** Takes one frame: F0 in Hz, 0 where no voice sounds, and how periodic it was, about 0 to 1. */
export type PitchSink = (f0Hz: number, strength: number) => void;

/**
 * F0 of a recording, 100 frames a second on the grid of {@link CentredFrames}, 60 to 500 Hz, from sound at any rate. Frame by frame
 * {@link PitchCandidates} offers periods; the cheapest path through them and "unvoiced" (Viterbi) decides, 15 frames later.
 * Memory does not grow; several channels are heard as one, by their mean power.
 */
export class PitchTracker {
  readonly #sampleRateHz: number;
  readonly #costs: PitchCosts;
  readonly #ffts: readonly RealFft[];
  readonly #spans: CentredFrames;
  readonly #candidates: PitchCandidates;
  /** of the frames that are not decided, in a ring: [ahead + 1][states] */
  readonly #frequencies = new Float64Array((aheadFrames + 1) * states);
  readonly #strengths = new Float64Array((aheadFrames + 1) * states);
  readonly #origins = new Uint8Array((aheadFrames + 1) * states);
  /** score of the best path to each state of the last frame */
  #scores = new Float64Array(states);
  #nextScores = new Float64Array(states);
  #loudest = 0;
  #taken = 0;
  #given = 0;
  #givenFrames = 0;
  readonly #span = (channel: number): Float32Array => this.#spans.span(channel);

  private constructor(
    ffts: readonly [RealFft, RealFft],
    sampleRateHz: number,
    channels: number,
    costs: PitchCosts,
  ) {
    const layout = pitchLayout(sampleRateHz);
    this.#sampleRateHz = sampleRateHz;
    this.#costs = costs;
    this.#ffts = ffts;
    this.#spans = new CentredFrames(channels, sampleRateHz, layout.halfSamples);
    this.#candidates = new PitchCandidates(ffts[0], ffts[1], layout, sampleRateHz, channels);
  }

  /** @param channels  of every block */
  static async open(
    sampleRateHz: number,
    channels: number,
    costs: Partial<PitchCosts> = {},
  ): Promise<PitchTracker> {
    const { fftSize, lagFftSize } = pitchLayout(sampleRateHz);
    const ffts = [await openRealFft(fftSize), await openRealFft(lagFftSize)] as const;
    return new PitchTracker([...ffts], sampleRateHz, channels, { ...usualCosts, ...costs });
  }

  /**
   * @param block  planar, [channels][frames]; not modified, not kept
   * @param sink   takes the frames that are decided by now, in order
   */
  push(block: Planar, sink: PitchSink): void {
    const frames = frameCount(block);
    this.#givenFrames += frames;
    for (let at = 0; at < frames;) {
      at += this.#spans.feed(block, at);
      if (this.#spans.ready) this.#take(sink);
    }
  }

  /** Gives all frames that are left, as many as {@link voiceFrameCount} says. Only `close` may follow. */
  finish(sink: PitchSink): void {
    const count = voiceFrameCount(this.#givenFrames, this.#sampleRateHz);
    while (this.#spans.frame < count) {
      this.#spans.feedSilence();
      this.#take(sink);
    }
    while (this.#given < this.#taken) this.#give(sink);
  }

  /** Frees the transforms; may be called more than once. */
  close(): void {
    for (const fft of this.#ffts) fft.close();
  }

  #take(sink: PitchSink): void {
    const level = this.#candidates.find(this.#span);
    this.#spans.next();
    this.#loudest = Math.max(level, this.#loudest * fadeOfMaximum);
    this.#score(level);
    this.#taken++;
    if (this.#taken - this.#given > aheadFrames) this.#give(sink);
  }

  /** Adds one frame to every path. */
  #score(level: number): void {
    const row = (this.#taken % (aheadFrames + 1)) * states;
    const before = ((this.#taken + aheadFrames) % (aheadFrames + 1)) * states;
    const { voicing, octave } = this.#costs;
    const quiet = this.#quietness(level);
    let best = -Infinity;
    for (let state = 0; state < states; state++) {
      const frequency = state === unvoiced ? 0 : this.#candidates.frequenciesHz[state]!;
      const strength = state === unvoiced ? 0 : this.#candidates.strengths[state]!;
      this.#frequencies[row + state] = frequency;
      this.#strengths[row + state] = strength;
      let own = voicing + quiet;
      if (state !== unvoiced) {
        // An empty place is no candidate.
        own = frequency > 0 ? strength + octave * Math.log2(frequency / f0RangeHz.from) : -1e9;
      }
      const score = own + (this.#taken === 0 ? 0 : this.#bestOrigin(row + state, before, frequency));
      this.#nextScores[state] = score;
      if (score > best) best = score;
    }
    // Only differences matter, and they stay small.
    for (let state = 0; state < states; state++) this.#nextScores[state]! -= best;
    [this.#scores, this.#nextScores] = [this.#nextScores, this.#scores];
  }

  /** Notes which state before leads to this one best. @returns the score it comes with */
  #bestOrigin(to: number, before: number, frequency: number): number {
    const { jump, change } = this.#costs;
    let best = -Infinity;
    let origin = 0;
    for (let state = 0; state < states; state++) {
      const from = this.#frequencies[before + state]!;
      let cost = 0;
      if (from > 0 !== frequency > 0) cost = change;
      else if (from > 0) cost = jump * Math.abs(Math.log2(frequency / from));
      const score = this.#scores[state]! - cost;
      if (score <= best) continue;
      best = score;
      origin = state;
    }
    this.#origins[to] = origin;
    return best;
  }

  /** 0 for a loud frame, growing once it lies `silenceDb` below what was recently heard: silence has no pitch. */
  #quietness(level: number): number {
    if (!(level > 0)) return 2;
    const belowDb = 10 * Math.log10(this.#loudest / level);
    return Math.max(0, Math.min(2, (belowDb - this.#costs.silenceDb) / 10));
  }

  /** Walks back from the best end to the oldest frame that is not decided. */
  #give(sink: PitchSink): void {
    let state = 0;
    for (let other = 1; other < states; other++) {
      if (this.#scores[other]! > this.#scores[state]!) state = other;
    }
    for (let frame = this.#taken - 1; frame > this.#given; frame--) {
      state = this.#origins[(frame % (aheadFrames + 1)) * states + state]!;
    }
    const at = (this.#given % (aheadFrames + 1)) * states + state;
    this.#given++;
    sink(this.#frequencies[at]!, this.#strengths[at]!);
  }
}
