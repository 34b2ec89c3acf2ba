import { pitchScale, pitchShare, snrScale, snrShare } from './lane-layout.js';
import type { LaneRow, ScaleMark } from './lane-layout.js';
import type { LaneColumns } from './lane-values.js';
import type { NoiseColor } from './noise-colors.js';

/** Colours and font of everything that has a scale. */
export interface CurveStyle {
  readonly ground: string;
  readonly line: string;
  readonly dim: string;
  /** of the window's text; a canvas does not inherit it */
  readonly fontFamily: string;
}

/** Colours of the lanes. */
export interface LaneStyle extends CurveStyle {
  readonly speech: string;
  readonly speechFill: string;
  /** highest probability behind the mean */
  readonly speechGhost: string;
  readonly pitch: string;
  /** from the lowest to the highest pitch of a column */
  readonly pitchGhost: string;
  readonly snr: string;
}

/** What a curve over time and its scale are drawn on. */
interface CurveDrawing {
  readonly columns: Pick<LaneColumns, 'f0Hz' | 'inside'>;
  readonly scale: number;
  readonly style: CurveStyle;
}

/** Place of a curve; see {@link LaneRow}. */
type CurvePlace = Pick<LaneRow, 'topPx' | 'heightPx'>;

/** One drawing of the lanes. */
export interface LaneDrawing {
  /** from top to bottom, as `lane-layout.ts` places them */
  readonly rows: readonly LaneRow[];
  readonly columns: LaneColumns;
  /** as they are shown, one per label */
  readonly noiseNames: readonly string[];
  /** one per label */
  readonly noiseColors: readonly NoiseColor[];
  /** device pixels per CSS pixel; a column is one device pixel */
  readonly scale: number;
  readonly style: LaneStyle;
  /** fills what is unknown */
  readonly hatching: CanvasPattern | string;
}

/** CSS pixels at the left that the names of the lanes cover. */
const tagRoomPx = 54;
const labelSizePx = 11;
const labelPaddingPx = 5;
/** A band that is interrupted again and again says its name only this often. */
const sameLabelPx = 240;

/** Draws all lanes below each other on an empty canvas as high as its rows. */
export function drawLanes(context: CanvasRenderingContext2D, drawing: LaneDrawing): void {
  const { columns, rows, scale, style } = drawing;
  context.font = `${labelSizePx * scale}px ${style.fontFamily}`;
  context.textBaseline = 'middle';
  context.fillStyle = style.line;
  for (const { topPx } of rows) context.fillRect(0, (topPx - 1) * scale, columns.speech.length, scale);
  for (const row of rows) {
    if (row.track === 'noise') {
      drawNoise(context, drawing, row);
      continue;
    }
    hatchUnknown(context, drawing, row);
    if (row.track === 'speech') drawSpeech(context, drawing, row);
    else if (row.track === 'pitch') drawPitch(context, drawing, row);
    else drawSnr(context, drawing, row);
  }
}

/** Where nothing is known about speech, nothing is known at all. */
function hatchUnknown(context: CanvasRenderingContext2D, drawing: LaneDrawing, row: LaneRow): void {
  const { speech, inside } = drawing.columns;
  context.fillStyle = drawing.hatching;
  eachRun(
    inside,
    (column) => (Number.isNaN(speech[column]) ? 1 : 0),
    (unknown, first, end) => {
      if (unknown === 1) fillRow(context, drawing, row, first, end);
    },
  );
}

function drawSpeech(context: CanvasRenderingContext2D, drawing: LaneDrawing, row: LaneRow): void {
  const { columns, style } = drawing;
  const marks = [{ value: 0.5, label: '50\u2009%' }];
  const shareOf = (probability: number) => probability;
  context.fillStyle = style.speechGhost;
  fillCurve(context, drawing, row, columns.speechHighest, shareOf);
  context.fillStyle = style.speechFill;
  fillCurve(context, drawing, row, columns.speech, shareOf);
  drawScaleLines(context, drawing, row, marks, shareOf);
  context.fillStyle = style.speech;
  drawLine(context, drawing, row, columns.speech, shareOf);
  drawScaleLabels(context, drawing, row, marks, shareOf);
}

function drawNoise(context: CanvasRenderingContext2D, drawing: LaneDrawing, row: LaneRow): void {
  const { columns, noiseColors, noiseNames, scale } = drawing;
  const middle = (row.topPx + row.heightPx / 2) * scale;
  const last = { index: -1, column: 0 };
  eachRun(
    columns.inside,
    (column) => columns.noise[column] ?? -1,
    (index, first, end) => {
      const color = noiseColors[index];
      context.fillStyle = color?.fill ?? drawing.hatching;
      fillRow(context, drawing, row, first, end);
      if (!color || (index === last.index && first - last.column < sameLabelPx * scale)) return;
      const text = noiseNames[index] ?? '';
      const left = Math.max(first, tagRoomPx * scale) + labelPaddingPx * scale;
      if (left + context.measureText(text).width + labelPaddingPx * scale > end) return;
      context.fillStyle = color.ink;
      context.fillText(text, left, middle);
      last.index = index;
      last.column = first;
    },
  );
}

function drawPitch(context: CanvasRenderingContext2D, drawing: LaneDrawing, row: LaneRow): void {
  const { columns, scale, style } = drawing;
  drawScaleLines(context, drawing, row, pitchScale.marks, pitchShare);
  const y = yOf(row, scale);
  context.fillStyle = style.pitchGhost;
  context.beginPath();
  for (let column = 0; column < columns.inside; column++) {
    const lowest = columns.f0LowestHz[column] ?? NaN;
    if (Number.isNaN(lowest)) continue;
    const top = y(pitchShare(columns.f0HighestHz[column] ?? lowest));
    context.rect(column, top, 1, y(pitchShare(lowest)) - top);
  }
  context.fill();
  context.fillStyle = style.pitch;
  drawLine(context, drawing, row, columns.f0Hz, pitchShare);
  drawScaleLabels(context, drawing, row, pitchScale.marks, pitchShare);
}

function drawSnr(context: CanvasRenderingContext2D, drawing: LaneDrawing, row: LaneRow): void {
  drawScaleLines(context, drawing, row, snrScale.marks, snrShare);
  context.fillStyle = drawing.style.snr;
  drawLine(context, drawing, row, drawing.columns.snrDb, snrShare);
  drawScaleLabels(context, drawing, row, snrScale.marks, snrShare);
}

/** Draws a line of dots, one per column; a step from one column to the next is filled, a gap stays a gap. */
export function drawLine(
  context: CanvasRenderingContext2D,
  drawing: CurveDrawing,
  row: CurvePlace,
  values: Float32Array,
  shareOf: (value: number) => number,
  thicknessPx = 1.5,
): void {
  const y = yOf(row, drawing.scale);
  const thickness = thicknessPx * drawing.scale;
  let before = NaN;
  context.beginPath();
  for (let column = 0; column < drawing.columns.inside; column++) {
    const value = values[column] ?? NaN;
    const at = y(shareOf(value));
    if (!Number.isNaN(value)) {
      const from = Number.isNaN(before) ? at : before;
      context.rect(column, Math.min(from, at) - thickness / 2, 1, Math.abs(at - from) + thickness);
    }
    before = Number.isNaN(value) ? NaN : at;
  }
  context.fill();
}

function fillCurve(
  context: CanvasRenderingContext2D,
  drawing: LaneDrawing,
  row: LaneRow,
  values: Float32Array,
  shareOf: (value: number) => number,
): void {
  const y = yOf(row, drawing.scale);
  const bottom = y(0);
  context.beginPath();
  for (let column = 0; column < drawing.columns.inside; column++) {
    const value = values[column] ?? NaN;
    if (Number.isNaN(value)) continue;
    const top = y(shareOf(value));
    context.rect(column, top, 1, bottom - top);
  }
  context.fill();
}

/** Draws the lines of a scale over the whole width. */
export function drawScaleLines(
  context: CanvasRenderingContext2D,
  { columns, scale, style }: CurveDrawing,
  row: CurvePlace,
  marks: readonly ScaleMark[],
  shareOf: (value: number) => number,
): void {
  const y = yOf(row, scale);
  context.fillStyle = style.line;
  for (const { value } of marks) {
    context.fillRect(0, Math.round(y(shareOf(value))), columns.f0Hz.length, scale);
  }
}

/** Writes what the lines of a scale stand for; on a ground of their own, because a curve may run below them. */
export function drawScaleLabels(
  context: CanvasRenderingContext2D,
  { columns, scale, style }: CurveDrawing,
  row: CurvePlace,
  marks: readonly ScaleMark[],
  shareOf: (value: number) => number,
): void {
  const y = yOf(row, scale);
  const height = labelSizePx * scale;
  for (const { value, label } of marks) {
    const left = columns.f0Hz.length - context.measureText(label).width - labelPaddingPx * scale;
    const middle = Math.round(y(shareOf(value)));
    context.fillStyle = style.ground;
    context.fillRect(left - 3 * scale, middle - height / 2, columns.f0Hz.length - left, height);
    context.fillStyle = style.dim;
    context.fillText(label, left, middle);
  }
}

/** @returns device pixels from the top for a share 0..1 of a lane's height */
function yOf(row: CurvePlace, scale: number): (share: number) => number {
  const bottom = (row.topPx + row.heightPx - 1) * scale;
  const height = (row.heightPx - 3) * scale;
  return (share) => bottom - share * height;
}

function fillRow(
  context: CanvasRenderingContext2D,
  { scale }: LaneDrawing,
  row: LaneRow,
  first: number,
  end: number,
): void {
  context.fillRect(first, row.topPx * scale, end - first, row.heightPx * scale);
}

/** Calls `use` for every longest stretch of columns with the same value. */
function eachRun(
  columns: number,
  valueOf: (column: number) => number,
  use: (value: number, first: number, end: number) => void,
): void {
  let first = 0;
  for (let column = 1; column <= columns; column++) {
    const value = valueOf(first);
    if (column < columns && valueOf(column) === value) continue;
    use(value, first, column);
    first = column;
  }
}

/**
 * Slanted lines for what is unknown.
 * @param shiftPx  moves them along with the recording, so that they do not stand still while it scrolls
 * @returns the colour itself where a canvas gives no pattern
 */
export function makeHatching(
  context: CanvasRenderingContext2D,
  color: string,
  scale: number,
  shiftPx: number,
): CanvasPattern | string {
  const size = Math.round(6 * scale);
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext('2d');
  if (!pen) return color;
  pen.strokeStyle = color;
  pen.lineWidth = scale;
  pen.beginPath();
  for (const offset of [-size, 0, size]) {
    pen.moveTo(offset, size);
    pen.lineTo(offset + size, 0);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, 'repeat');
  pattern?.setTransform(new DOMMatrix().translate(-((shiftPx * scale) % size), 0));
  return pattern ?? color;
}
