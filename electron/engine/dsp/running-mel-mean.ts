import { melBandCount, melFloor, type RowSink } from './mel-frames.js';

const clamp = 8;
const aheadFrames = 100;
const fade = Math.exp(-1 / 1000);

/**
 * Takes the mean of its recording from every log-mel frame, so that microphone, room and level have no say: the mean of all frames
 * up to one second ahead, older ones fading with a time constant of 10 s, each weighted with its loudness, so that silence has none.
 * Result n belongs to frame n and comes 100 frames later; values are clamped to +-8.
 * @see `native-models/common/sotto_models/voice/mel.py`, `running_normalised`
 */
export class RunningMelMean {
  /** the frames that wait for what comes after them, [ahead + 1][80] */
  readonly #waiting = new Float64Array((aheadFrames + 1) * melBandCount);
  readonly #sums = new Float64Array(melBandCount);
  readonly #result = new Float64Array(melBandCount);
  #mass = 0;
  #taken = 0;
  #given = 0;

  /**
   * @param row   log mel, [80]; copied
   * @param sink  takes the result of a frame that waited long enough
   */
  push(row: Float64Array, sink: RowSink): void {
    this.#waiting.set(row, (this.#taken % (aheadFrames + 1)) * melBandCount);
    const weight = melLoudness(row);
    for (let band = 0; band < melBandCount; band++) {
      this.#sums[band] = this.#sums[band]! * fade + weight * row[band]!;
    }
    this.#mass = this.#mass * fade + weight;
    this.#taken++;
    if (this.#taken > aheadFrames) this.#give(sink);
  }

  /** Gives the frames that still wait. Nothing may be pushed after it. */
  finish(sink: RowSink): void {
    while (this.#given < this.#taken) this.#give(sink);
  }

  #give(sink: RowSink): void {
    const start = (this.#given % (aheadFrames + 1)) * melBandCount;
    for (let band = 0; band < melBandCount; band++) {
      const mean = this.#mass > 0 ? this.#sums[band]! / this.#mass : Math.log(melFloor);
      const value = this.#waiting[start + band]! - mean;
      this.#result[band] = Math.max(-clamp, Math.min(clamp, value));
    }
    this.#given++;
    sink(this.#result);
  }
}

/** @returns how loud a frame of log mel, [80], is: root of the sum of its powers, about an rms; 0 for digital silence */
export function melLoudness(row: Float64Array): number {
  let sum = 0;
  for (let band = 0; band < row.length; band++) sum += Math.max(0, Math.exp(row[band]!) - melFloor);
  return Math.sqrt(sum);
}
