/** What is drawn under the waveforms. */
export type LaneTrack = 'speech' | 'noise' | 'pitch' | 'snr';

/** Place of one lane, CSS pixels from the top of all lanes. */
export interface LaneRow {
  readonly track: LaneTrack;
  readonly topPx: number;
  readonly heightPx: number;
}

const heights: readonly (readonly [LaneTrack, number])[] = [
  ['speech', 28],
  ['noise', 17],
  ['pitch', 42],
  ['snr', 28],
];

/** The lanes from top to bottom, a line of one pixel above each. */
export const laneRows: readonly LaneRow[] = heights.map(([track, heightPx], at) => ({
  track,
  topPx: heights.slice(0, at).reduce((sum, [, height]) => sum + height + 1, 1),
  heightPx,
}));

/** Height of all lanes, CSS pixels. */
export const lanesHeightPx = heights.reduce((sum, [, height]) => sum + height + 1, 0);

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
