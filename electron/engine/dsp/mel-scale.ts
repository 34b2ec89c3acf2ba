const linearHzPerMel = 200 / 3;
const kneeHz = 1000;
const kneeMel = kneeHz / linearHzPerMel;
const logStep = Math.log(6.4) / 27;

/**
 * The mel scale of Slaney's Auditory Toolbox: linear below 1 kHz, logarithmic above.
 * @see Slaney 1998, "Auditory Toolbox, version 2", Interval Research TR 1998-010
 */
export function hzToMel(frequencyHz: number): number {
  return frequencyHz < kneeHz
    ? frequencyHz / linearHzPerMel
    : kneeMel + Math.log(frequencyHz / kneeHz) / logStep;
}

/** Inverse of {@link hzToMel}. */
export function melToHz(mel: number): number {
  return mel < kneeMel ? mel * linearHzPerMel : kneeHz * Math.exp(logStep * (mel - kneeMel));
}

/** Weights of the bins of one band; bins outside have none. */
export interface BandWeights {
  readonly firstBin: number;
  readonly weights: Float64Array;
}

/**
 * Triangular bands evenly spaced in mel, of unit area in Hz, evaluated at the bins of a transform.
 * @param bins  of the transform, `binHz` apart, from 0 Hz on; a band may lie above them
 * @returns [bands]; weights in 1 / Hz
 */
export function melBands(bands: number, highestHz: number, bins: number, binHz: number): BandWeights[] {
  const edgeHz = (edge: number): number => melToHz((hzToMel(highestHz) * edge) / (bands + 1));
  return Array.from({ length: bands }, (_, band) => {
    const [low, peak, high] = [edgeHz(band), edgeHz(band + 1), edgeHz(band + 2)];
    const firstBin = Math.min(bins, Math.max(0, Math.floor(low / binHz)));
    const endBin = Math.min(bins, Math.ceil(high / binHz) + 1);
    const weights = Float64Array.from({ length: Math.max(0, endBin - firstBin) }, (_value, n) => {
      const frequency = (firstBin + n) * binHz;
      const height = Math.min((frequency - low) / (peak - low), (high - frequency) / (high - peak));
      return (Math.max(0, height) * 2) / (high - low);
    });
    return { firstBin, weights };
  });
}
