import { AppError } from '../../contract/app-error.js';
import type { FrameLayout } from './frame-layout.js';
import { frameCount, type Planar } from './planar.js';
import type { RealFft } from './real-fft.js';
import { addPower, toMagnitudes } from './spectrum.js';
import { StftAnalyser } from './stft.js';

/**
 * Cuts a stream of planar blocks into the frames of {@link StftAnalyser} and gives each the one magnitude that a mask net reads:
 * the root-mean-square over all channels, at the level of the model's own transform. Whoever reads sound for a net does it here,
 * so that the net sees the same frames whatever they are wanted for.
 */
export class MagnitudeFrames {
  readonly #layout: FrameLayout;
  readonly #analysers: readonly StftAnalyser[];
  readonly #scale: number;

  /** @param fft  of `layout.fftSize`; borrowed */
  constructor(fft: RealFft, layout: FrameLayout, channels: number) {
    this.#layout = layout;
    this.#analysers = Array.from({ length: channels }, () => new StftAnalyser(fft));
    this.#scale = layout.magnitudeScale / Math.sqrt(channels);
  }

  /** Whether {@link take} may be called, and must be before anything is fed again. */
  get ready(): boolean {
    return this.#analysers[0]!.missingSamples === 0;
  }

  /**
   * Feeds `block` from sample frame `from` on, as far as the next frame needs it.
   * @param block  planar, [channels][frames]; not modified, not kept
   * @returns sample frames taken; 0 only where nothing is left
   */
  feed(block: Planar, from: number): number {
    const end = Math.min(frameCount(block), from + this.#analysers[0]!.missingSamples);
    for (let channel = 0; channel < this.#analysers.length; channel++) {
      this.#analysers[channel]!.feed(block[channel]!.subarray(from, end));
    }
    return end - from;
  }

  /**
   * Transforms the ready frame and moves on by one hop.
   * @param spectra    per channel; receives interleaved re/im, [fftSize + 2], from index `start` on
   * @param magnitude  [modelBins], overwritten; bins that the recording lacks are 0
   * @throws AppError INPUT_DAMAGED when samples are so large that their spectrum is no number
   */
  take(spectra: readonly Float32Array[], start: number, magnitude: Float32Array): void {
    const { fftSize, sharedBins } = this.#layout;
    magnitude.fill(0);
    for (let channel = 0; channel < this.#analysers.length; channel++) {
      const spectrum = spectra[channel]!.subarray(start, start + fftSize + 2);
      this.#analysers[channel]!.takeFrame(spectrum);
      addPower(spectrum, magnitude, sharedBins);
    }
    const sum = toMagnitudes(magnitude, sharedBins, this.#scale);
    if (Number.isFinite(sum)) return;
    throw new AppError(
      'INPUT_DAMAGED',
      'Expected samples near full scale, found values so large that their spectrum is not a number. Check the recording.',
    );
  }
}
