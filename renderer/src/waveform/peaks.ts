/** How many bins of one level become one of the next. */
const levelStep = 16;

/** Bins of one resolution: int16 [bins][channels][min, max]. */
interface Level {
  readonly framesPerBin: number;
  readonly bins: number;
  readonly values: Int16Array;
}

/**
 * Lowest and highest sample per stretch of the recording, at several resolutions, so that drawing two hours costs as little as drawing
 * two seconds. Memory: the peaks file and a fifteenth more.
 */
export class Peaks {
  readonly channels: number;
  readonly #levels: readonly Level[];

  /**
   * @param values           int16 [bins][channels][min, max], 32767 = full scale; not copied
   * @param samplesPerPeak   sample frames in one bin
   */
  constructor(values: Int16Array, channels: number, samplesPerPeak: number) {
    this.channels = channels;
    const levels: Level[] = [
      { framesPerBin: samplesPerPeak, bins: Math.floor(values.length / (2 * channels)), values },
    ];
    for (let last = levels[0]; last && last.bins > levelStep; last = levels.at(-1)) {
      levels.push(coarser(last, channels));
    }
    this.#levels = levels;
  }

  /** Sample frames of the finest bin: below this many per pixel, peaks have no more to show. */
  get finestFrames(): number {
    return this.#levels[0]?.framesPerBin ?? 1;
  }

  /**
   * Extremes per pixel column.
   * @param startFrame      sample frame at the left edge of the first column; may lie outside of the recording
   * @param framesPerColumn above 0
   * @param low             [columns], overwritten with the minimum, -1..1
   * @param high            [columns], overwritten with the maximum, -1..1; below `low` where the column is outside
   */
  columns(
    channel: number,
    startFrame: number,
    framesPerColumn: number,
    low: Float32Array,
    high: Float32Array,
  ): void {
    const level = this.#levelFor(framesPerColumn);
    if (!level) return;
    const { values, bins, framesPerBin } = level;
    const stride = this.channels * 2;
    for (let column = 0; column < low.length; column++) {
      const from = startFrame + column * framesPerColumn;
      const first = Math.max(0, Math.floor(from / framesPerBin));
      const last = Math.min(
        bins - 1,
        Math.max(first, Math.ceil((from + framesPerColumn) / framesPerBin) - 1),
      );
      let lowest = 1;
      let highest = -1;
      if (from + framesPerColumn > 0) {
        for (let bin = first; bin <= last; bin++) {
          const at = bin * stride + channel * 2;
          lowest = Math.min(lowest, (values[at] ?? 0) / 32767);
          highest = Math.max(highest, (values[at + 1] ?? 0) / 32767);
        }
      }
      low[column] = lowest;
      high[column] = highest;
    }
  }

  #levelFor(framesPerColumn: number): Level | undefined {
    return this.#levels.findLast((level) => level.framesPerBin <= framesPerColumn) ?? this.#levels[0];
  }
}

function coarser(fine: Level, channels: number): Level {
  const bins = Math.ceil(fine.bins / levelStep);
  const stride = channels * 2;
  const values = new Int16Array(bins * stride);
  for (let bin = 0; bin < bins; bin++) {
    const last = Math.min(fine.bins, (bin + 1) * levelStep);
    for (let channel = 0; channel < channels; channel++) {
      let lowest = 32767;
      let highest = -32768;
      for (let from = bin * levelStep; from < last; from++) {
        const at = from * stride + channel * 2;
        lowest = Math.min(lowest, fine.values[at] ?? 0);
        highest = Math.max(highest, fine.values[at + 1] ?? 0);
      }
      values[bin * stride + channel * 2] = lowest;
      values[bin * stride + channel * 2 + 1] = highest;
    }
  }
  return { framesPerBin: fine.framesPerBin * levelStep, bins, values };
}

/**
 * Reads a peaks file as the engine writes it.
 * @throws Error when it is not there or its length does not fit the channels
 */
export async function loadPeaks(
  url: string,
  channels: number,
  samplesPerPeak: number,
  signal: AbortSignal,
): Promise<Peaks> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`Expected a peaks file, found status ${response.status}.`);
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength % (channels * 4) !== 0) {
    throw new Error(
      `Expected whole bins of ${channels * 4} bytes in the peaks file, found ${bytes.byteLength} bytes.`,
    );
  }
  return new Peaks(new Int16Array(bytes), channels, samplesPerPeak);
}
