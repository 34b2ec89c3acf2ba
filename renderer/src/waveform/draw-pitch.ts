import { drawLine, drawScaleLabels, drawScaleLines } from './draw-lanes.js';
import type { CurveStyle } from './draw-lanes.js';
import { pitchScale, pitchShare } from './lane-layout.js';
import type { PitchColumns } from './pitch-values.js';

/** Height of the track of F0, CSS pixels. */
export const pitchTrackPx = 52;

const rawThicknessPx = 5;

/** One drawing of F0 before and after. */
export interface PitchDrawing {
  readonly columns: PitchColumns;
  /** device pixels per CSS pixel; a column is one device pixel */
  readonly scale: number;
  readonly style: CurveStyle & { readonly raw: string; readonly rendered: string };
}

/** Draws F0 of the rendered version over that of the raw recording, on an empty canvas {@link pitchTrackPx} high. */
export function drawPitchPair(context: CanvasRenderingContext2D, drawing: PitchDrawing): void {
  const { columns, scale, style } = drawing;
  const row = { topPx: 1, heightPx: pitchTrackPx - 1 };
  context.font = `${11 * scale}px ${style.fontFamily}`;
  context.textBaseline = 'middle';
  context.fillStyle = style.line;
  context.fillRect(0, 0, columns.f0Hz.length, scale);
  drawScaleLines(context, drawing, row, pitchScale.marks, pitchShare);
  context.fillStyle = style.raw;
  // Broader, so that it is seen below a curve that follows it.
  drawLine(context, drawing, row, columns.f0Hz, pitchShare, rawThicknessPx);
  context.fillStyle = style.rendered;
  drawLine(context, drawing, row, columns.renderedHz, pitchShare);
  drawScaleLabels(context, drawing, row, pitchScale.marks, pitchShare);
}
