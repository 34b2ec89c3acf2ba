import { PitchTracker } from '../../dsp/pitch-tracker.js';
import type { Planar, StreamFormat } from '../../dsp/planar.js';
import { LevelFrames, type LevelFrame } from './level-frames.js';
import { SpeechTrack, type SpeechSink } from './speech-track.js';

/** Hears where somebody speaks, how loud and how high: level and F0 of every 10 ms go to a {@link SpeechTrack} together. */
export class SpeechHearing {
  readonly track: SpeechTrack;
  readonly #levels: LevelFrames;
  readonly #pitch: PitchTracker;
  /** what waits for its partner */
  readonly #levelFrames: LevelFrame[] = [];
  readonly #f0Hz: number[] = [];
  readonly #takeLevel = (frame: LevelFrame): void => {
    this.#levelFrames.push(frame);
  };
  readonly #takePitch = (f0Hz: number): void => {
    this.#f0Hz.push(f0Hz);
  };

  private constructor({ sampleRateHz, channels }: StreamFormat, pitch: PitchTracker) {
    this.track = new SpeechTrack(channels);
    this.#levels = new LevelFrames(sampleRateHz, channels);
    this.#pitch = pitch;
  }

  /** @param format  of every block */
  static async open(format: StreamFormat): Promise<SpeechHearing> {
    return new SpeechHearing(format, await PitchTracker.open(format.sampleRateHz, format.channels));
  }

  /**
   * @param block  planar, [channels][frames]; not modified, not kept
   * @param sink   takes the frames that are decided by now, in order
   */
  push(block: Planar, sink: SpeechSink): void {
    this.#levels.push(block, this.#takeLevel);
    this.#pitch.push(block, this.#takePitch);
    this.#follow(sink);
  }

  /** Gives all frames that are left, as many as `voiceFrameCount` says. Only `close` may follow. */
  finish(sink: SpeechSink): void {
    this.#levels.finish(this.#takeLevel);
    this.#pitch.finish(this.#takePitch);
    this.#follow(sink);
    this.track.finish(sink);
  }

  /** Frees the transforms; may be called more than once. */
  close(): void {
    this.#pitch.close();
  }

  #follow(sink: SpeechSink): void {
    const count = Math.min(this.#levelFrames.length, this.#f0Hz.length);
    const f0Hz = this.#f0Hz.splice(0, count);
    this.#levelFrames.splice(0, count).forEach((level, t) => {
      this.track.push(level, f0Hz[t]!, sink);
    });
  }
}
