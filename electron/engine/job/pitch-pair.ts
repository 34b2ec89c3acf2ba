import { voiceFrameCount } from '../dsp/centred-frames.js';
import { PitchTracker } from '../dsp/pitch-tracker.js';
import { frameCount, type Planar } from '../dsp/planar.js';

/** Takes one value after the other without knowing how many will come. */
class GrowingFloats {
  #values = new Float32Array(4096);
  #count = 0;

  push(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float32Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  /** @returns NaN behind the last one */
  at(index: number): number {
    return index < this.#count ? this.#values[index]! : NaN;
  }
}

/** F0 of a raw recording and of what became of it, both by {@link PitchTracker}, so that they can be compared. */
export class PitchPair {
  readonly #sampleRateHz: number;
  readonly #trackers: readonly [PitchTracker, PitchTracker];
  readonly #raw = new GrowingFloats();
  readonly #result = new GrowingFloats();
  #sampleFrames = 0;

  private constructor(sampleRateHz: number, trackers: readonly [PitchTracker, PitchTracker]) {
    this.#sampleRateHz = sampleRateHz;
    this.#trackers = trackers;
  }

  /** @param channels  of every block */
  static async open(sampleRateHz: number, channels: number): Promise<PitchPair> {
    const open = (): Promise<PitchTracker> => PitchTracker.open(sampleRateHz, channels);
    return new PitchPair(sampleRateHz, [await open(), await open()]);
  }

  /** @param block  planar, [channels][frames], finite; not modified, not kept */
  pushRaw(block: Planar): void {
    this.#sampleFrames += frameCount(block);
    this.#trackers[0].push(block, (f0Hz) => {
      this.#raw.push(voicedOnly(f0Hz));
    });
  }

  /** @param block  planar, [channels][frames], finite; not modified, not kept */
  pushResult(block: Planar): void {
    this.#trackers[1].push(block, (f0Hz) => {
      this.#result.push(voicedOnly(f0Hz));
    });
  }

  /**
   * Only `close` may follow.
   * @returns [frames][raw, result] in Hz, 60 to 500, 100 frames a second, frame t around t / 100 s; NaN where no voice sounds
   */
  finish(): Float32Array {
    this.#trackers[0].finish((f0Hz) => {
      this.#raw.push(voicedOnly(f0Hz));
    });
    this.#trackers[1].finish((f0Hz) => {
      this.#result.push(voicedOnly(f0Hz));
    });
    const frames = voiceFrameCount(this.#sampleFrames, this.#sampleRateHz);
    return Float32Array.from({ length: 2 * frames }, (_, index) =>
      (index % 2 === 0 ? this.#raw : this.#result).at(index >> 1),
    );
  }

  /** Frees the transforms; may be called more than once. */
  close(): void {
    for (const tracker of this.#trackers) tracker.close();
  }
}

function voicedOnly(f0Hz: number): number {
  return f0Hz > 0 ? f0Hz : NaN;
}
