import { hasPlan } from './plan-size.js';

/** The transform a model was trained on. */
export interface ModelTransform {
  readonly fftSize: number;
  readonly sampleRateHz: number;
}

/** How the frames of a recording at its own rate correspond to the frames a model was trained on. */
export interface FrameLayout {
  /** samples of one transform at the recording's rate; even */
  readonly fftSize: number;
  readonly hopSamples: number;
  /** bins of that transform, fftSize / 2 + 1 */
  readonly bins: number;
  /** bins the model reads and writes */
  readonly modelBins: number;
  /** bins that both have; the model's other inputs are zero, the recording's other bins get the extended mask */
  readonly sharedBins: number;
  /** brings |X| to the level of the model's own transform: an unnormalised spectrum grows with its size */
  readonly magnitudeScale: number;
}

/**
 * A transform on PFFFT is several times faster than one of any size; this much stretch of the bin grid buys it.
 * At the edge of the model's band 2.5 % is six bins of 257, less than half the width of an auditory filter there.
 */
const largestStretch = 0.025;

/**
 * Takes the transform that lasts as long as the model's, so that its bins are the model's bins and nothing is resampled:
 * the nearest size PFFFT has a plan for within {@link largestStretch}, else the nearest even size.
 */
export function frameLayout(model: ModelTransform, sampleRateHz: number): FrameLayout {
  const exact = (model.fftSize / model.sampleRateHz) * sampleRateHz;
  const fftSize = nearestPlanSize(exact) ?? Math.max(2, 2 * Math.round(exact / 2));
  const bins = fftSize / 2 + 1;
  const modelBins = model.fftSize / 2 + 1;
  return {
    fftSize,
    hopSamples: fftSize / 2,
    bins,
    modelBins,
    sharedBins: Math.min(bins, modelBins),
    magnitudeScale: model.fftSize / fftSize,
  };
}

function nearestPlanSize(exact: number): number | undefined {
  const span = Math.floor(exact * largestStretch);
  const candidates = Array.from({ length: 2 * span + 1 }, (_, i) => Math.round(exact) - span + i);
  return candidates
    .filter((size) => hasPlan(size, 'real') && Math.abs(size - exact) <= exact * largestStretch)
    .sort((a, b) => Math.abs(a - exact) - Math.abs(b - exact))[0];
}
