import type { VoiceSimilarity } from '../../contract/report.js';
import type { ManifestOf } from '../models/model-manifest.js';

type Calibration = VoiceSimilarity['calibration'];

/** @returns the cosine of two vectors of length 1 by the same weights, -1 to 1 */
export function cosineOf(a: Float64Array, b: Float64Array): number {
  const sum = a.reduce((total, value, i) => total + value * b[i]!, 0);
  return Math.max(-1, Math.min(1, sum));
}

/**
 * What a cosine says. Of pairs of one person 5 % lie below `same.low`, of strangers 5 % above `different.high`. What lies beyond both
 * is rare for the one kind and common for the other; what lies between them is not, whichever of them is the higher.
 */
export function readingOf(
  cosine: number,
  { same, different }: Calibration,
): 'same' | 'unclear' | 'different' {
  if (cosine >= Math.max(same.low, different.high)) return 'same';
  return cosine <= Math.min(same.low, different.high) ? 'different' : 'unclear';
}

/** @returns what a report says of the calibration */
export function reportedCalibration({ calibration }: ManifestOf<'speaker-embedder'>): Calibration {
  const { equalErrorCosine, same, different } = calibration;
  return {
    equalErrorCosine,
    same: { low: same.low, high: same.high },
    different: { low: different.low, high: different.high },
  };
}
