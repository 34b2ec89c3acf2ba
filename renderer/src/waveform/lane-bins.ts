import { laneNames } from '../../../electron/contract/lanes.js';

/** Numbers of one frame in a lanes file. */
export const laneStride = laneNames.length;

const speechAt = laneNames.indexOf('speech');
const f0At = laneNames.indexOf('f0Hz');
const snrAt = laneNames.indexOf('snrDb');
const noiseAt = laneNames.indexOf('noise');

/** Frames summed up in one bin; below 256, so that counts fit into a byte. */
const framesPerBin = 32;

/** What is known about a stretch of frames: sums and extremes, so that stretches can be joined without loss. */
export class LaneSums {
  frames = 0;
  speechKnown = 0;
  speechSum = 0;
  speechHighest = 0;
  voiced = 0;
  /** sum of log2 Hz */
  f0Sum = 0;
  f0Lowest = Infinity;
  f0Highest = 0;
  snrKnown = 0;
  snrSum = 0;
  noiseKnown = 0;
  /** [labels], frames of each kind */
  readonly noiseCounts: Uint32Array;

  /** @param labels  number of noise labels */
  constructor(labels: number) {
    this.noiseCounts = new Uint32Array(labels);
  }

  /** Forgets everything. */
  clear(): void {
    this.frames = 0;
    this.speechKnown = 0;
    this.speechSum = 0;
    this.speechHighest = 0;
    this.voiced = 0;
    this.f0Sum = 0;
    this.f0Lowest = Infinity;
    this.f0Highest = 0;
    this.snrKnown = 0;
    this.snrSum = 0;
    this.noiseKnown = 0;
    this.noiseCounts.fill(0);
  }

  /** Adds one frame. @param values  [frames][{@link laneNames}] */
  addFrame(values: Float32Array, frame: number): void {
    const offset = frame * laneStride;
    const speech = values[offset + speechAt] ?? NaN;
    const f0Hz = values[offset + f0At] ?? NaN;
    const snrDb = values[offset + snrAt] ?? NaN;
    const noise = values[offset + noiseAt] ?? NaN;
    this.frames += 1;
    // Comparisons with NaN are false: what is unknown counts nowhere.
    if (speech >= 0) {
      this.speechKnown += 1;
      this.speechSum += speech;
      if (speech > this.speechHighest) this.speechHighest = speech;
    }
    if (f0Hz > 0) {
      this.voiced += 1;
      this.f0Sum += Math.log2(f0Hz);
      if (f0Hz < this.f0Lowest) this.f0Lowest = f0Hz;
      if (f0Hz > this.f0Highest) this.f0Highest = f0Hz;
    }
    if (snrDb > -Infinity) {
      this.snrKnown += 1;
      this.snrSum += snrDb;
    }
    if (noise >= 0 && noise < this.noiseCounts.length) {
      this.noiseKnown += 1;
      this.noiseCounts[noise] = (this.noiseCounts[noise] ?? 0) + 1;
    }
  }
}

/**
 * Sums of every {@link framesPerBin} frames, so that two hours are drawn as fast as two minutes. Stretches are exact: whole bins, and single
 * frames at both ends. Memory: about an eighth of the lanes file.
 */
export class LaneBins {
  readonly #values: Float32Array;
  readonly #frames: number;
  readonly #bins: number;
  readonly #labels: number;
  readonly #counts: Uint8Array;
  readonly #sums: Float32Array;
  readonly #noiseCounts: Uint8Array;

  /** @param values  [frames][{@link laneNames}], NaN is unknown; not copied */
  constructor(values: Float32Array, labels: number) {
    this.#values = values;
    this.#frames = values.length / laneStride;
    this.#bins = Math.floor(this.#frames / framesPerBin);
    this.#labels = labels;
    this.#counts = new Uint8Array(this.#bins * 4);
    this.#sums = new Float32Array(this.#bins * 6);
    this.#noiseCounts = new Uint8Array(this.#bins * labels);
    const sums = new LaneSums(labels);
    for (let bin = 0; bin < this.#bins; bin++) {
      sums.clear();
      for (let frame = bin * framesPerBin; frame < (bin + 1) * framesPerBin; frame++) {
        sums.addFrame(values, frame);
      }
      this.#keep(bin, sums);
    }
  }

  /**
   * Adds the frames `from` to `to` (exclusive); frames outside of the recording are left out.
   * @param sums  made for the same number of labels
   */
  addTo(sums: LaneSums, from: number, to: number): void {
    let frame = Math.max(0, from);
    const end = Math.min(this.#frames, to);
    while (frame < end) {
      const bin = frame / framesPerBin;
      if (Number.isInteger(bin) && bin < this.#bins && frame + framesPerBin <= end) {
        this.#addBin(sums, bin);
        frame += framesPerBin;
      } else {
        sums.addFrame(this.#values, frame);
        frame += 1;
      }
    }
  }

  #keep(bin: number, sums: LaneSums): void {
    const counts = this.#counts;
    counts[bin * 4] = sums.speechKnown;
    counts[bin * 4 + 1] = sums.voiced;
    counts[bin * 4 + 2] = sums.snrKnown;
    counts[bin * 4 + 3] = sums.noiseKnown;
    const kept = this.#sums;
    kept[bin * 6] = sums.speechSum;
    kept[bin * 6 + 1] = sums.speechHighest;
    kept[bin * 6 + 2] = sums.f0Sum;
    kept[bin * 6 + 3] = sums.f0Lowest;
    kept[bin * 6 + 4] = sums.f0Highest;
    kept[bin * 6 + 5] = sums.snrSum;
    for (let label = 0; label < this.#labels; label++) {
      this.#noiseCounts[bin * this.#labels + label] = sums.noiseCounts[label] ?? 0;
    }
  }

  #addBin(sums: LaneSums, bin: number): void {
    const kept = this.#sums;
    const at = bin * 6;
    const count = bin * 4;
    sums.frames += framesPerBin;
    sums.speechKnown += this.#counts[count] ?? 0;
    sums.voiced += this.#counts[count + 1] ?? 0;
    sums.snrKnown += this.#counts[count + 2] ?? 0;
    sums.noiseKnown += this.#counts[count + 3] ?? 0;
    sums.speechSum += kept[at] ?? 0;
    sums.speechHighest = Math.max(sums.speechHighest, kept[at + 1] ?? 0);
    sums.f0Sum += kept[at + 2] ?? 0;
    sums.f0Lowest = Math.min(sums.f0Lowest, kept[at + 3] ?? Infinity);
    sums.f0Highest = Math.max(sums.f0Highest, kept[at + 4] ?? 0);
    sums.snrSum += kept[at + 5] ?? 0;
    for (let label = 0; label < this.#labels; label++) {
      const frames = this.#noiseCounts[bin * this.#labels + label] ?? 0;
      sums.noiseCounts[label] = (sums.noiseCounts[label] ?? 0) + frames;
    }
  }
}
