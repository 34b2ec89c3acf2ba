import type { LaneName } from '../../../electron/contract/lanes.js';

/** What is drawn under the waveforms. */
export type LaneTrack = 'speech' | 'noise' | 'pitch' | 'snr';

/** Place of one lane, CSS pixels from the top of all lanes. */
export interface LaneRow {
  readonly track: LaneTrack;
  readonly topPx: number;
  readonly heightPx: number;
}

const tracks: readonly { readonly track: LaneTrack; readonly lane: LaneName; readonly heightPx: number }[] = [
  { track: 'speech', lane: 'speech', heightPx: 28 },
  { track: 'noise', lane: 'noise', heightPx: 17 },
  { track: 'pitch', lane: 'f0Hz', heightPx: 42 },
  { track: 'snr', lane: 'snrDb', heightPx: 28 },
];

/**
 * @param untold  lanes that take no place, because the net cannot tell them in any recording
 * @returns the other lanes from top to bottom, a line of one pixel above each
 */
export function laneRowsWithout(untold: readonly LaneName[]): readonly LaneRow[] {
  const shown = tracks.filter(({ lane }) => !untold.includes(lane));
  return shown.map(({ track, heightPx }, at) => ({
    track,
    topPx: heightOf(shown.slice(0, at)) + 1,
    heightPx,
  }));
}

/** @returns height of all these lanes, CSS pixels */
export function heightOf(rows: readonly { readonly heightPx: number }[]): number {
  return rows.reduce((sum, { heightPx }) => sum + heightPx + 1, 0);
}

/** Lines and labels of a scale. */
export interface ScaleMark {
  readonly value: number;
  readonly label: string;
}

/** Pitch is drawn on a logarithmic scale that holds voices of all ages. */
export const pitchScale = {
  lowestHz: 60,
  highestHz: 500,
  marks: [
    { value: 100, label: '100' },
    { value: 200, label: '200' },
    { value: 400, label: '400 Hz' },
  ],
} as const;

/** Signal-to-noise ratio: below the scale nothing is understood, above it nothing is heard of the noise. */
export const snrScale = {
  lowestDb: -10,
  highestDb: 40,
  marks: [
    { value: 0, label: '0' },
    { value: 30, label: '30 dB' },
  ],
} as const;

/** @returns 0 at the bottom of the scale, 1 at its top; values outside lie on the edge */
export function pitchShare(hz: number): number {
  return clampShare(
    Math.log(hz / pitchScale.lowestHz) / Math.log(pitchScale.highestHz / pitchScale.lowestHz),
  );
}

/** @returns 0 at the bottom of the scale, 1 at its top; values outside lie on the edge */
export function snrShare(db: number): number {
  return clampShare((db - snrScale.lowestDb) / (snrScale.highestDb - snrScale.lowestDb));
}

function clampShare(share: number): number {
  return Math.min(1, Math.max(0, share));
}
