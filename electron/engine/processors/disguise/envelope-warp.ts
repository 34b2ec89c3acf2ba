import { BandPredictor, cosineTable, inversePower } from '../../dsp/linear-prediction.js';

/** The band that is disguised: what the transformation was defined on, speech at 16 kHz. Nothing above it is kept. */
export const bandHz = 8000;
/** Poles over {@link bandHz}; a narrower band has fewer of them in proportion. */
const orderOfBand = 20;
/** The angle 1, where an exponent changes nothing, of a 16 kHz signal: 2546 Hz at every sample rate. */
const fixedHz = bandHz / Math.PI;
/** What is dropped above the band fades out over its highest 1/16: 500 Hz. */
const fadeShare = 1 / 16;

/** How a recording's bins lie. */
export interface BinGrid {
  /** of the transform, size / 2 + 1 */
  readonly bins: number;
  readonly binHz: number;
}

/**
 * Where McAdams' transformation puts a resonance: angle phi of a 16 kHz signal becomes phi^exponent.
 * @returns Hz, 0 and 2546 Hz stay
 */
export function movedHz(frequencyHz: number, exponent: number): number {
  return frequencyHz <= 0 ? 0 : fixedHz * (frequencyHz / fixedHz) ** exponent;
}

/**
 * McAdams' transformation on the spectral envelope: an all-pole envelope is fitted to every frame, the whole of it is moved along
 * the frequency axis by phi -> phi^exponent, and the frame's fine structure (pitch, noise, phase) stays below the new one.
 *
 * The transformation was defined on the poles: each complex one is turned, each real one stays. Moving the envelope instead needs no
 * roots, and it has no jump where two real poles become a complex pair from one frame to the next. Resonances land where the poles
 * land; `envelope-warp.test.ts` compares both on real speech.
 * Above what the band's edge was moved to, the envelope goes on at the level of that edge.
 *
 * Above 8 kHz there is no model of speech here, and what lies there (the shape of sibilants) tells people apart: it is dropped.
 * A frame keeps its power within the band, so that loudness and pauses stay.
 * @see McAdams 1984; Patino et al. 2021, "Speaker anonymisation using the McAdams coefficient", https://arxiv.org/abs/2011.01130
 */
export class EnvelopeWarp {
  readonly #bandBins: number;
  readonly #identity: boolean;
  readonly #predictor: BandPredictor;
  readonly #correlated: Float64Array;
  readonly #plainCosines: Float64Array;
  readonly #movedCosines: Float64Array;
  readonly #plain: Float64Array;
  readonly #moved: Float64Array;
  readonly #power: Float32Array;
  /** 1, and falling to 0 at the band's edge where more lies above, [bandBins] */
  readonly #fade: Float64Array;

  /** @param exponent  above 0; 1 changes nothing at all, also above the band */
  constructor({ bins, binHz }: BinGrid, exponent: number) {
    const bandBins = Math.min(bins, Math.floor(bandHz / binHz) + 1);
    const edgeHz = (bandBins - 1) * binHz;
    const order = Math.max(4, Math.round((orderOfBand * edgeHz) / bandHz));
    const sourceHz = (k: number): number => Math.min(edgeHz, movedHz(k * binHz, 1 / exponent));
    const angles = (frequencyHz: (k: number) => number): Float64Array =>
      Float64Array.from({ length: bandBins }, (_, k) => (Math.PI * frequencyHz(k)) / edgeHz);
    this.#bandBins = bandBins;
    this.#identity = exponent === 1;
    this.#predictor = new BandPredictor(bandBins, order);
    this.#correlated = new Float64Array(order + 1);
    this.#plainCosines = cosineTable(
      order,
      angles((k) => k * binHz),
    );
    this.#movedCosines = cosineTable(order, angles(sourceHz));
    this.#plain = new Float64Array(bandBins);
    this.#moved = new Float64Array(bandBins);
    this.#power = new Float32Array(bandBins);
    const fadeBins = bins > bandBins ? Math.floor(bandBins * fadeShare) : 0;
    this.#fade = Float64Array.from({ length: bandBins }, (_, k) =>
      Math.min(1, fadeBins === 0 ? 1 : (bandBins - 1 - k) / fadeBins),
    );
  }

  /**
   * @param magnitude  of one frame, [bins], finite; not modified
   * @param gains      [bins], overwritten: what each bin is to be multiplied with; all 1 for a silent frame
   */
  gains(magnitude: Float32Array, gains: Float32Array): void {
    gains.fill(1);
    const power = this.#power;
    let before = 0;
    for (let k = 0; k < this.#bandBins; k++) {
      power[k] = magnitude[k]! * magnitude[k]!;
      before += power[k]!;
    }
    if (this.#identity || !(before > 0) || !this.#predictor.fit(power, this.#correlated)) {
      // Also a frame that is silent below 8 kHz holds nothing above once something is disguised.
      if (!this.#identity) gains.fill(0, this.#bandBins);
      return;
    }
    inversePower(this.#correlated, this.#plainCosines, this.#plain);
    inversePower(this.#correlated, this.#movedCosines, this.#moved);
    let after = 0;
    for (let k = 0; k < this.#bandBins; k++) {
      const gain = Math.sqrt(this.#plain[k]! / this.#moved[k]!) * this.#fade[k]!;
      gains[k] = gain;
      after += power[k]! * gain * gain;
    }
    const level = after > 0 ? Math.sqrt(before / after) : 0;
    for (let k = 0; k < this.#bandBins; k++) gains[k]! *= level;
    gains.fill(0, this.#bandBins);
  }
}
