/** Frames a second of an F0 file. */
const framesPerSecond = 100;
/** Numbers of a frame: raw, rendered. */
const stride = 2;

/** F0 before and after at one moment, Hz; null where no voice sounds. */
export interface PitchReading {
  readonly rawHz: number | null;
  readonly renderedHz: number | null;
}

/** F0 per pixel column, Hz, all [columns]; NaN where no voice sounds. */
export interface PitchColumns {
  /** of the raw recording */
  readonly f0Hz: Float32Array;
  readonly renderedHz: Float32Array;
  /** number of columns, from the left, that can be drawn */
  inside: number;
}

/** @returns room for `columns` columns */
export function makePitchColumns(columns: number): PitchColumns {
  return { f0Hz: new Float32Array(columns), renderedHz: new Float32Array(columns), inside: columns };
}

/** F0 of a stretch of a recording, raw and rendered. */
export class PitchValues {
  /** seconds of the recording at which the stretch begins */
  readonly startSeconds: number;
  readonly frames: number;
  readonly #values: Float32Array;

  /** @param values  [frames][raw, rendered] in Hz, NaN where no voice sounds; not copied */
  constructor(values: Float32Array, startSeconds: number) {
    this.#values = values;
    this.startSeconds = startSeconds;
    this.frames = values.length / stride;
  }

  /** @returns F0 at a moment of the recording; null outside of the stretch */
  at(seconds: number): PitchReading | null {
    const frame = Math.round((seconds - this.startSeconds) * framesPerSecond);
    if (!(frame >= 0 && frame < this.frames)) return null;
    const voiced = (index: number): number | null => {
      const hz = this.#values[frame * stride + index] ?? NaN;
      return Number.isNaN(hz) ? null : hz;
    };
    return { rawHz: voiced(0), renderedHz: voiced(1) };
  }

  /**
   * F0 per pixel column: the geometric mean of what is voiced in it; where nothing is, nothing is drawn.
   * @param startSeconds      left edge of the first column, in the recording
   * @param secondsPerColumn  above 0
   * @param columns           overwritten
   */
  fill(startSeconds: number, secondsPerColumn: number, columns: PitchColumns): void {
    for (let column = 0; column < columns.f0Hz.length; column++) {
      const seconds = startSeconds + column * secondsPerColumn - this.startSeconds;
      const from = Math.round(seconds * framesPerSecond);
      const to = Math.max(from + 1, Math.round((seconds + secondsPerColumn) * framesPerSecond));
      columns.f0Hz[column] = this.#mean(0, from, to);
      columns.renderedHz[column] = this.#mean(1, from, to);
    }
  }

  #mean(index: number, from: number, to: number): number {
    let octaves = 0;
    let voiced = 0;
    for (let frame = Math.max(0, from); frame < Math.min(this.frames, to); frame++) {
      const hz = this.#values[frame * stride + index]!;
      if (Number.isNaN(hz)) continue;
      octaves += Math.log2(hz);
      voiced += 1;
    }
    return voiced === 0 ? NaN : 2 ** (octaves / voiced);
  }
}

/**
 * Reads an F0 file as the engine writes it.
 * @param frames  as the engine said
 * @throws Error when it is not there or has another length
 */
export async function loadPitch(
  url: string,
  frames: number,
  startSeconds: number,
  signal: AbortSignal,
): Promise<PitchValues> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`Expected an F0 file, found status ${response.status}. Preview again.`);
  const bytes = await response.arrayBuffer();
  const expected = frames * stride * Float32Array.BYTES_PER_ELEMENT;
  if (bytes.byteLength !== expected) {
    throw new Error(
      `Expected ${expected} bytes of F0, found ${bytes.byteLength}. Preview or process the recording again.`,
    );
  }
  return new PitchValues(new Float32Array(bytes), startSeconds);
}
