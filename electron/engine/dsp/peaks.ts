import { frameCount, type PlanarSamples } from './planar.js';

const fullScale = 32_767;

/**
 * Smallest and largest sample of every bin of `samplesPerPeak` sample frames, streaming, in the form of a peaks file:
 * int16 [bins][channels][min, max], 32767 = full scale, louder samples clipped to it. The last bin may be shorter.
 */
export class PeakBins {
  readonly #samplesPerPeak: number;
  readonly #channels: number;
  /** [channels] of the bin being filled */
  readonly #minima: Float64Array;
  readonly #maxima: Float64Array;
  #filled = 0;

  /** @param samplesPerPeak  sample frames in one bin, at least 1 */
  constructor(channels: number, samplesPerPeak: number) {
    this.#channels = channels;
    this.#samplesPerPeak = samplesPerPeak;
    this.#minima = new Float64Array(channels).fill(Infinity);
    this.#maxima = new Float64Array(channels).fill(-Infinity);
  }

  /**
   * @param block  planar, [channels][frames], finite; not modified
   * @returns the bins this block completed, [bins][channels][2]; owned by the caller
   */
  push(block: PlanarSamples): Int16Array<ArrayBuffer> {
    const frames = frameCount(block);
    const complete = Math.floor((this.#filled + frames) / this.#samplesPerPeak);
    const bins = new Int16Array(complete * this.#channels * 2);
    let bin = 0;
    for (let at = 0; at < frames;) {
      const end = Math.min(frames, at + this.#samplesPerPeak - this.#filled);
      for (let channel = 0; channel < this.#channels; channel++)
        this.#widen(channel, block[channel]!, at, end);
      this.#filled += end - at;
      at = end;
      if (this.#filled === this.#samplesPerPeak) this.#writeBin(bins, bin++);
    }
    return bins;
  }

  /** @returns the last, shorter bin, [0 or 1][channels][2]; the next sample would start a new one */
  finish(): Int16Array<ArrayBuffer> {
    const bins = new Int16Array(this.#filled === 0 ? 0 : this.#channels * 2);
    if (this.#filled > 0) this.#writeBin(bins, 0);
    return bins;
  }

  #widen(channel: number, samples: Float32Array | Float64Array, from: number, to: number): void {
    let min = this.#minima[channel]!;
    let max = this.#maxima[channel]!;
    for (let n = from; n < to; n++) {
      const value = samples[n]!;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    this.#minima[channel] = min;
    this.#maxima[channel] = max;
  }

  #writeBin(bins: Int16Array, bin: number): void {
    for (let channel = 0; channel < this.#channels; channel++) {
      const at = 2 * (bin * this.#channels + channel);
      bins[at] = toInt16(this.#minima[channel]!);
      bins[at + 1] = toInt16(this.#maxima[channel]!);
    }
    this.#minima.fill(Infinity);
    this.#maxima.fill(-Infinity);
    this.#filled = 0;
  }
}

function toInt16(value: number): number {
  return Math.round(Math.max(-1, Math.min(1, value)) * fullScale);
}
