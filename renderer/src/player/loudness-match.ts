import type { LoudnessReport } from '../../../electron/contract/report.js';

/** Gains that make raw and result equally loud by lowering the louder one, in playback only. */
export interface LoudnessMatch {
  /** result minus raw as heard now, dB; positive: the result is louder */
  readonly differenceDb: number;
  /** false when the strength heard is not the one that was measured, so that the difference is an estimate */
  readonly measured: boolean;
  /** linear, at most 1 */
  readonly rawGain: number;
  readonly resultGain: number;
}

/** Differences above this are a measuring error, or silence against sound: no sensible gain follows from them. */
const largestDifferenceDb = 40;

/**
 * Loudness of the result at another strength than it was rendered with: exact at strength 0 and at the rendered one. Between
 * them it is an estimate that takes what a full-strength result keeps and what it removes as uncorrelated, so that their powers add up.
 * @param loudness          as measured in the job
 * @param renderedStrength  0..1, of the job
 * @param heardStrength     0..1, of the slider
 * @returns null when either side is silent, so that nothing can be matched
 */
export function loudnessMatch(
  loudness: LoudnessReport,
  renderedStrength: number,
  heardStrength: number,
): LoudnessMatch | null {
  const { rawLufs, resultLufs } = loudness;
  if (rawLufs === null || resultLufs === null) return null;
  const renderedDb = Math.max(-largestDifferenceDb, Math.min(largestDifferenceDb, resultLufs - rawLufs));
  const differenceDb = atStrength(renderedDb, renderedStrength, heardStrength);
  return {
    differenceDb,
    measured: heardStrength === renderedStrength || renderedStrength <= 0,
    rawGain: differenceDb < 0 ? fromDb(differenceDb) : 1,
    resultGain: differenceDb > 0 ? fromDb(-differenceDb) : 1,
  };
}

function atStrength(renderedDb: number, renderedStrength: number, heardStrength: number): number {
  if (renderedStrength <= 0 || heardStrength === renderedStrength) return renderedDb;
  // Powers relative to raw: result(s) = kept + (1 - s)^2 removed, and raw = kept + removed = 1.
  const share = (strength: number) => 1 - (1 - strength) ** 2;
  const removed = (1 - 10 ** (renderedDb / 10)) / share(renderedStrength);
  const power = Math.max(10 ** (-largestDifferenceDb / 10), 1 - removed * share(heardStrength));
  return 10 * Math.log10(power);
}

/** @returns linear gain of a level in dB */
function fromDb(db: number): number {
  return 10 ** (db / 20);
}
