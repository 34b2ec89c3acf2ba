import type { LaneName, LanesFacts } from '../../../electron/contract/lanes.js';
import { LaneBins, laneStride, LaneSums } from './lane-bins.js';

/** A kind of noise below this share of the recording is not worth a place in the legend. */
const smallestShare = 0.01;

/** The lanes at one moment; null is unknown, or for the pitch also unvoiced. */
export interface LaneReading {
  /** probability, 0..1 */
  readonly speech: number | null;
  readonly f0Hz: number | null;
  readonly snrDb: number | null;
  readonly noise: string | null;
}

/** The lanes per pixel column, all [columns]; reused from one drawing to the next. */
export interface LaneColumns {
  /** mean probability 0..1; NaN where unknown */
  readonly speech: Float32Array;
  /** highest probability in the column; NaN where unknown */
  readonly speechHighest: Float32Array;
  /** geometric mean in Hz; NaN where nothing is voiced, or nothing known */
  readonly f0Hz: Float32Array;
  readonly f0LowestHz: Float32Array;
  readonly f0HighestHz: Float32Array;
  /** mean in dB; NaN where unknown */
  readonly snrDb: Float32Array;
  /** index of the most frequent label; -1 unknown */
  readonly noise: Int16Array;
  /** number of columns, from the left, that lie in the recording */
  inside: number;
}

/** @returns room for `columns` columns */
export function makeLaneColumns(columns: number): LaneColumns {
  return {
    speech: new Float32Array(columns),
    speechHighest: new Float32Array(columns),
    f0Hz: new Float32Array(columns),
    f0LowestHz: new Float32Array(columns),
    f0HighestHz: new Float32Array(columns),
    snrDb: new Float32Array(columns),
    noise: new Int16Array(columns),
    inside: 0,
  };
}

/** The lanes of one recording. */
export class LaneValues {
  readonly frames: number;
  readonly frameSeconds: number;
  readonly noiseLabels: readonly string[];
  /** lanes that the net cannot tell in any recording */
  readonly untold: readonly LaneName[];
  /** indices of the labels that hold at least 1 % of what is known, most frequent first */
  readonly noisePresent: readonly number[];
  readonly #values: Float32Array;
  readonly #bins: LaneBins;
  readonly #sums: LaneSums;

  /**
   * @param values  [frames][speech, f0Hz, snrDb, noise], NaN is unknown; not copied
   * @throws Error when the length is not that of the facts
   */
  constructor(values: Float32Array, facts: LanesFacts) {
    if (values.length !== facts.frames * laneStride) {
      throw new Error(
        `Expected ${facts.frames} frames of ${laneStride} values in the lanes file, found ${values.length} values.`,
      );
    }
    this.frames = facts.frames;
    this.frameSeconds = facts.frameSeconds;
    this.noiseLabels = facts.noiseLabels;
    this.untold = facts.untold;
    this.#values = values;
    this.#bins = new LaneBins(values, facts.noiseLabels.length);
    this.#sums = new LaneSums(facts.noiseLabels.length);
    this.#bins.addTo(this.#sums, 0, facts.frames);
    this.noisePresent = frequentLabels(this.#sums);
  }

  /** @returns probability 0..1 of speech in a frame, NaN where unknown */
  speechAt(frame: number): number {
    return this.#values[frame * laneStride] ?? NaN;
  }

  /** @returns what is known about a moment; unknown outside of the recording */
  at(seconds: number): LaneReading {
    // A frame describes the sound around its time.
    const frame = Math.min(this.frames - 1, Math.round(seconds / this.frameSeconds));
    const offset = frame * laneStride;
    const value = (index: number) => {
      const found = seconds < 0 ? NaN : (this.#values[offset + index] ?? NaN);
      return Number.isNaN(found) ? null : found;
    };
    const noise = value(3);
    return {
      speech: value(0),
      f0Hz: value(1),
      snrDb: value(2),
      noise: noise === null ? null : (this.noiseLabels[noise] ?? null),
    };
  }

  /**
   * The lanes per pixel column. A column of which less than half is known is unknown.
   * @param startSeconds      left edge of the first column, in the recording
   * @param secondsPerColumn  above 0
   * @param endSeconds        end of the recording: what lies behind is not {@link LaneColumns.inside}
   * @param columns           overwritten
   */
  fill(startSeconds: number, secondsPerColumn: number, endSeconds: number, columns: LaneColumns): void {
    const sums = this.#sums;
    const count = columns.speech.length;
    columns.inside = Math.max(0, Math.min(count, Math.ceil((endSeconds - startSeconds) / secondsPerColumn)));
    for (let column = 0; column < columns.inside; column++) {
      const seconds = startSeconds + column * secondsPerColumn;
      const from = Math.round(seconds / this.frameSeconds);
      const to = Math.round((seconds + secondsPerColumn) / this.frameSeconds);
      sums.clear();
      // The last frame may end a little before the recording does.
      const first = Math.min(from, this.frames - 1);
      this.#bins.addTo(sums, first, Math.max(first + 1, to));
      writeColumn(columns, column, sums);
    }
  }
}

function writeColumn(columns: LaneColumns, column: number, sums: LaneSums): void {
  const speechKnown = sums.speechKnown * 2 >= sums.frames && sums.speechKnown > 0;
  columns.speech[column] = speechKnown ? sums.speechSum / sums.speechKnown : NaN;
  columns.speechHighest[column] = speechKnown ? sums.speechHighest : NaN;
  // Pitch is there only where something is voiced, so half of a column is too much to ask.
  const voiced = sums.voiced > 0;
  columns.f0Hz[column] = voiced ? 2 ** (sums.f0Sum / sums.voiced) : NaN;
  columns.f0LowestHz[column] = voiced ? sums.f0Lowest : NaN;
  columns.f0HighestHz[column] = voiced ? sums.f0Highest : NaN;
  columns.snrDb[column] = sums.snrKnown > 0 && speechKnown ? sums.snrSum / sums.snrKnown : NaN;
  columns.noise[column] = sums.noiseKnown * 2 >= sums.frames ? mostFrequent(sums.noiseCounts) : -1;
}

function frequentLabels({ noiseCounts, noiseKnown }: LaneSums): readonly number[] {
  const counts = [...noiseCounts].map((count, index) => ({ count, index }));
  return counts
    .filter(({ count }) => count > 0 && count >= noiseKnown * smallestShare)
    .sort((one, other) => other.count - one.count)
    .map(({ index }) => index);
}

/** @returns index of the largest count, the first of several; -1 when all are 0 */
function mostFrequent(counts: Uint32Array): number {
  let found = -1;
  let most = 0;
  for (let label = 0; label < counts.length; label++) {
    const count = counts[label] ?? 0;
    if (count > most) {
      most = count;
      found = label;
    }
  }
  return found;
}

/**
 * Reads a lanes file as the engine writes it.
 * @throws Error when it is not there or its length does not fit the facts
 */
export async function loadLanes(url: string, facts: LanesFacts, signal: AbortSignal): Promise<LaneValues> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`Expected a lanes file, found status ${response.status}.`);
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength % Float32Array.BYTES_PER_ELEMENT !== 0) {
    throw new Error(`Expected whole numbers of 4 bytes in the lanes file, found ${bytes.byteLength} bytes.`);
  }
  return new LaneValues(new Float32Array(bytes), facts);
}
