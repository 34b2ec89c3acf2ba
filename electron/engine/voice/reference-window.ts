import { melBandCount, melFloor } from '../dsp/mel-frames.js';
import { referenceFrames } from '../models/model-manifest.js';

/** Frames below this share of the loudest one's power have no say in the level, as in training. */
const activeShare = 1e-3;

/** Frames of speech joined to 2 s of log mel, at the level that the reference net was trained at. */
export class ReferenceWindow {
  /** [frames][80] */
  readonly #rows = new Float64Array(referenceFrames * melBandCount);
  readonly #powers = new Float64Array(referenceFrames);
  /** frames that it holds, below 200 */
  filled = 0;

  /**
   * @param row    log mel, [80]; copied
   * @param power  mean square of the same 10 ms
   */
  add(row: Float64Array, power: number): void {
    this.#rows.set(row, this.filled * melBandCount);
    this.#powers[this.filled++] = power;
  }

  /** Begins anew. */
  clear(): void {
    this.filled = 0;
  }

  /**
   * @param speechRms  that the sound would have had, see `reference` in the model's manifest
   * @returns log mel, [80][200], row-major; what it holds, repeated where that is shorter. At least one frame must have been added
   * @see `native-models/common/sotto_models/voice/synthesis_training.py`, `voices_of`: what the net was trained on
   */
  levelled(speechRms: number): Float32Array {
    const gain = speechRms ** 2 / this.#activePower();
    const mel = new Float32Array(melBandCount * referenceFrames);
    for (let t = 0; t < referenceFrames; t++) {
      const start = (t % this.filled) * melBandCount;
      for (let band = 0; band < melBandCount; band++) {
        // The floor is added after the gain, as if the sound itself had been scaled.
        const power = Math.max(0, Math.exp(this.#rows[start + band]!) - melFloor);
        mel[band * referenceFrames + t] = Math.log(gain * power + melFloor);
      }
    }
    return mel;
  }

  #activePower(): number {
    const powers = this.#powers.subarray(0, this.filled);
    const loudest = Math.max(...powers);
    const active = powers.filter((power) => power > activeShare * loudest);
    return active.length > 0 ? active.reduce((sum, power) => sum + power, 0) / active.length : 1;
  }
}
