import type { Peaks } from './peaks.js';

/** One canvas of a waveform: a stretch of the whole drawing. */
export interface Tile {
  /** left edge in the whole drawing, CSS pixels */
  readonly leftPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** device pixels per CSS pixel */
  readonly scale: number;
}

/** Samples of a stretch, for scales at which peaks are too coarse. */
export interface Detail {
  readonly startFrame: number;
  readonly channels: number;
  /** interleaved, [frames][channels] */
  readonly samples: Float32Array;
}

/** What one waveform shows. */
export interface WaveContent {
  readonly peaks: Peaks;
  readonly detail: Detail | null;
  readonly color: string;
}

/** Rooms between the channels of one waveform. */
const laneGapPx = 2;

/**
 * Draws channels below each other, each around its own zero line.
 * @param layers          drawn in order; the last one is on top
 * @param framesPerPixel  sample frames per CSS pixel
 */
export function drawWave(
  context: CanvasRenderingContext2D,
  tile: Tile,
  layers: readonly WaveContent[],
  framesPerPixel: number,
  zeroLineColor: string,
): void {
  const columns = Math.ceil(tile.widthPx * tile.scale);
  const framesPerColumn = framesPerPixel / tile.scale;
  const startFrame = tile.leftPx * framesPerPixel;
  const channels = Math.max(1, ...layers.map((layer) => layer.peaks.channels));
  const laneHeight = (tile.heightPx * tile.scale - laneGapPx * (channels - 1)) / channels;
  const low = new Float32Array(columns);
  const high = new Float32Array(columns);
  for (let channel = 0; channel < channels; channel++) {
    const middle = channel * (laneHeight + laneGapPx) + laneHeight / 2;
    context.fillStyle = zeroLineColor;
    context.fillRect(0, Math.round(middle), columns, 1);
    for (const { peaks, detail, color } of layers) {
      if (channel >= peaks.channels) continue;
      peaks.columns(channel, startFrame, framesPerColumn, low, high);
      if (detail) detailColumns(detail, channel, startFrame, framesPerColumn, low, high);
      context.fillStyle = color;
      context.beginPath();
      for (let column = 0; column < columns; column++) {
        const top = high[column] ?? 0;
        const bottom = low[column] ?? 0;
        if (top < bottom) continue;
        const y = middle - (top * laneHeight) / 2;
        context.rect(column, y, 1, Math.max(tile.scale, ((top - bottom) * laneHeight) / 2));
      }
      context.fill();
    }
  }
}

/**
 * Extremes per column straight from samples; where a column is narrower than a sample, the line between its neighbours.
 * Columns that the detail does not hold are left as they are: a tile may reach beyond the screen.
 */
export function detailColumns(
  detail: Detail,
  channel: number,
  startFrame: number,
  framesPerColumn: number,
  low: Float32Array,
  high: Float32Array,
): void {
  const { samples, channels, startFrame: offset } = detail;
  const frames = samples.length / channels;
  const at = (frame: number) => samples[Math.min(frames - 1, Math.max(0, frame)) * channels + channel] ?? 0;
  for (let column = 0; column < low.length; column++) {
    const from = startFrame + column * framesPerColumn - offset;
    const to = from + framesPerColumn;
    if (from < 0 || to > frames) continue;
    const edges = [between(at, from), between(at, to)] as const;
    let lowest = Math.min(...edges);
    let highest = Math.max(...edges);
    for (let frame = Math.ceil(from); frame <= to; frame++) {
      lowest = Math.min(lowest, at(frame));
      highest = Math.max(highest, at(frame));
    }
    low[column] = lowest;
    high[column] = highest;
  }
}

function between(at: (frame: number) => number, position: number): number {
  const frame = Math.floor(position);
  const share = position - frame;
  return at(frame) * (1 - share) + at(frame + 1) * share;
}
