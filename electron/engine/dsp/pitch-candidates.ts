import { nextPlanSize } from './plan-size.js';
import type { RealFft } from './real-fft.js';

/** Voices and singing: what a speaking person's vocal folds do. */
export const f0RangeHz = { from: 60, to: 500 } as const;

/** Three periods of the lowest voice: fewer leave its autocorrelation to chance. */
const windowSeconds = 0.05;
/** Harmonics above it are noisy in every voice; two octaves above the highest F0 tell all there is. */
const highestHz = 2000;
/** Lags are told in quarters of a 4 kHz sample; the autocorrelation is that of the sound below {@link highestHz}. */
const lagRateHz = 16_000;
/**
 * Powers are flattened to |X|^(2 * 0.5), so that one strong harmonic, which a formant sits on, does not speak for all.
 */
const flattening = 0.5;

/** Share of the window that is undone: in full, noise would be amplified with the lag and be taken for a low voice. */
const undoShare = 0.75;

/** Possible pitches of one frame. */
export const candidatesPerFrame = 6;

/** Sizes of {@link PitchCandidates}: what it needs from its caller. */
export interface PitchLayout {
  /** samples on each side of a frame's centre */
  readonly halfSamples: number;
  /** of the transform that the caller opens */
  readonly fftSize: number;
  /** of the transform that goes back to lags */
  readonly lagFftSize: number;
}

/** @returns the layout for a rate; bins of both transforms lie equally wide, so that lags need no resampling */
export function pitchLayout(sampleRateHz: number): PitchLayout {
  const halfSamples = Math.ceil((windowSeconds / 2) * sampleRateHz) - 1;
  // At least twice the window, so that lags do not wrap around.
  const fftSize = nextPlanSize(2 * windowSeconds * sampleRateHz, 'real');
  const lagFftSize = nextPlanSize((lagRateHz / sampleRateHz) * fftSize, 'real');
  return { halfSamples, fftSize, lagFftSize };
}

/**
 * Autocorrelation method on a flattened spectrum: a frame's spectrum below 2 kHz, its powers flattened, goes back to lags; divided by
 * what the window alone would give, its peaks from 2 to 16.7 ms are the possible periods, and their height says how periodic.
 * @see Boersma 1993, "Accurate short-term analysis of the fundamental frequency", IFA Proceedings 17; Tolonen & Karjalainen 2000,
 *      "A computationally efficient multipitch analysis model", https://doi.org/10.1109/89.876309 (flattening)
 */
export class PitchCandidates {
  readonly #channels: number;
  readonly #fft: RealFft;
  readonly #lagFft: RealFft;
  readonly #window: Float32Array;
  readonly #windowed: Float32Array;
  readonly #spectrum: Float32Array;
  readonly #power: Float32Array;
  readonly #lagSpectrum: Float32Array;
  readonly #lags: Float32Array;
  /** 1 / what the window leaves of a lag, [lagFftSize / 2] */
  readonly #undoWindow: Float32Array;
  readonly #lowBin: number;
  readonly #highBin: number;
  readonly #lagHz: number;
  readonly #firstLag: number;
  readonly #lastLag: number;
  /** of the last frame, highest first; 0 Hz where there are fewer */
  readonly frequenciesHz = new Float64Array(candidatesPerFrame);
  /** how periodic the frame is with this pitch, about 0 to 1 */
  readonly strengths = new Float64Array(candidatesPerFrame);

  /**
   * @param fft     of `layout.fftSize`; borrowed
   * @param lagFft  of `layout.lagFftSize`; borrowed
   */
  constructor(fft: RealFft, lagFft: RealFft, layout: PitchLayout, sampleRateHz: number, channels: number) {
    const { halfSamples, fftSize, lagFftSize } = layout;
    this.#channels = channels;
    this.#fft = fft;
    this.#lagFft = lagFft;
    this.#window = Float32Array.from(
      { length: 2 * halfSamples + 1 },
      (_, n) => 0.5 + 0.5 * Math.cos((2 * Math.PI * (n - halfSamples)) / (windowSeconds * sampleRateHz)),
    );
    this.#windowed = new Float32Array(fftSize);
    this.#spectrum = new Float32Array(fftSize + 2);
    const binHz = sampleRateHz / fftSize;
    this.#lagHz = binHz * lagFftSize;
    this.#lowBin = Math.max(1, Math.round((0.75 * f0RangeHz.from) / binHz));
    this.#highBin = Math.min(fftSize / 2, lagFftSize / 2, Math.round(highestHz / binHz));
    this.#power = new Float32Array(this.#highBin + 1);
    this.#lagSpectrum = new Float32Array(lagFftSize + 2);
    this.#lags = new Float32Array(lagFftSize);
    this.#firstLag = Math.floor(this.#lagHz / f0RangeHz.to) - 1;
    this.#lastLag = Math.ceil(this.#lagHz / f0RangeHz.from) + 1;
    this.#undoWindow = Float32Array.from(
      { length: this.#lastLag + 2 },
      (_, lag) => 1 / windowOfLags(lag / this.#lagHz) ** undoShare,
    );
  }

  /**
   * Finds the candidates of one frame.
   * @param span  the samples around its centre per channel, [2 halfSamples + 1]; not modified
   * @returns the frame's level: mean square between 45 Hz and 2 kHz, over channels
   */
  find(span: (channel: number) => Float32Array): number {
    const power = this.#power;
    power.fill(0);
    for (let channel = 0; channel < this.#channels; channel++) {
      const samples = span(channel);
      for (let n = 0; n < samples.length; n++) this.#windowed[n] = samples[n]! * this.#window[n]!;
      this.#fft.forward(this.#windowed, this.#spectrum);
      for (let k = this.#lowBin; k <= this.#highBin; k++) {
        const re = this.#spectrum[2 * k]!;
        const im = this.#spectrum[2 * k + 1]!;
        power[k]! += re * re + im * im;
      }
    }
    let level = 0;
    for (let k = this.#lowBin; k <= this.#highBin; k++) {
      level += power[k]!;
      this.#lagSpectrum[2 * k] = power[k]! ** flattening;
    }
    this.frequenciesHz.fill(0);
    this.strengths.fill(0);
    this.#lagFft.inverse(this.#lagSpectrum, this.#lags);
    if (this.#lags[0]! > 0) this.#pick();
    // Parseval over the window: both halves of the spectrum, the window's mean square of 3 / 8.
    return (2 * level) / (this.#fft.size * this.#window.length * 0.375 * this.#channels);
  }

  #pick(): void {
    const scale = 1 / this.#lags[0]!;
    for (let lag = this.#firstLag; lag <= this.#lastLag; lag++) {
      const at = this.#value(lag, scale);
      const before = this.#value(lag - 1, scale);
      const after = this.#value(lag + 1, scale);
      if (!(at > 0 && at >= before && at > after)) continue;
      // The vertex of the parabola through the three.
      const bend = before - 2 * at + after;
      const shift = bend < 0 ? (0.5 * (before - after)) / bend : 0;
      this.#keep(this.#lagHz / (lag + shift), at - 0.25 * (before - after) * shift);
    }
  }

  #value(lag: number, scale: number): number {
    return this.#lags[lag]! * scale * this.#undoWindow[lag]!;
  }

  #keep(frequencyHz: number, strength: number): void {
    if (frequencyHz < f0RangeHz.from || frequencyHz > f0RangeHz.to) return;
    let place = candidatesPerFrame - 1;
    if (strength <= this.strengths[place]!) return;
    for (; place > 0 && this.strengths[place - 1]! < strength; place--) {
      this.strengths[place] = this.strengths[place - 1]!;
      this.frequenciesHz[place] = this.frequenciesHz[place - 1]!;
    }
    this.strengths[place] = strength;
    this.frequenciesHz[place] = frequencyHz;
  }
}

/**
 * What the window leaves of a lag, 1 at 0. The magnitude of a spectral line is the transform of the window itself, as its power is that
 * of the window's autocorrelation; flattened to magnitudes it is the window that has to be undone.
 */
function windowOfLags(lagSeconds: number): number {
  return 0.5 + 0.5 * Math.cos((2 * Math.PI * lagSeconds) / windowSeconds);
}
