import { AppError } from '../../contract/app-error.js';
import { CentredFrames, voiceFrameCount } from './centred-frames.js';
import { melBands, type BandWeights } from './mel-scale.js';
import { openRealFft } from './open-real-fft.js';
import { frameCount, type Planar } from './planar.js';
import type { RealFft } from './real-fft.js';
import { addPower } from './spectrum.js';

/** Bands of the voice front end. */
export const melBandCount = 80;
const highestHz = 8000;
const windowSeconds = 0.025;
const widestBinHz = 12;
const preEmphasis = 0.97;
const preEmphasisRateHz = 16_000;
/** Added before the logarithm: below the rounding of 16-bit sound, so that a quiet recording looks like a loud one. */
export const melFloor = 1e-13;

/** Takes one row of a frame, [80], natural logarithms; borrowed for the length of the call. */
export type RowSink = (row: Float64Array) => void;

/**
 * The voice front end: 80 mel bands at 100 frames a second from sound at any rate, without a resampler. A Hann window of 25 ms
 * around each {@link CentredFrames} frame, zero padded so that bins are at most 12 Hz wide; pre-emphasis as a weight on the power;
 * triangles of unit area up to 8 kHz; the natural logarithm over a floor. Bands above half the sample rate stay at the floor.
 *
 * The definition, step by step, is that of `native-models/common/sotto_models/voice/mel.py`, which training uses; vectors of it are
 * tested here. Several channels are heard as one, by their mean power.
 */
export class MelFrames {
  readonly #sampleRateHz: number;
  readonly #channels: number;
  readonly #fft: RealFft;
  readonly #spans: CentredFrames;
  /** [window]; its sum folded in, so that a full-scale sound has the same power at every rate */
  readonly #window: Float32Array;
  readonly #windowed: Float32Array;
  readonly #spectrum: Float32Array;
  readonly #power: Float32Array;
  readonly #bands: readonly BandWeights[];
  readonly #row = new Float64Array(melBandCount);
  #givenFrames = 0;

  /**
   * @param fft  of {@link melFftSize}; closed with this
   */
  private constructor(fft: RealFft, sampleRateHz: number, channels: number) {
    const half = Math.ceil((windowSeconds / 2) * sampleRateHz) - 1;
    const hann = Float64Array.from(
      { length: 2 * half + 1 },
      (_, n) => 0.5 + 0.5 * Math.cos((2 * Math.PI * (n - half)) / (windowSeconds * sampleRateHz)),
    );
    const sum = hann.reduce((total, value) => total + value, 0);
    this.#sampleRateHz = sampleRateHz;
    this.#channels = channels;
    this.#fft = fft;
    this.#spans = new CentredFrames(channels, sampleRateHz, half);
    this.#window = Float32Array.from(hann, (value) => value / (sum * Math.sqrt(channels)));
    this.#windowed = new Float32Array(fft.size);
    this.#spectrum = new Float32Array(fft.size + 2);
    const bins = fft.size / 2 + 1;
    const binHz = sampleRateHz / fft.size;
    this.#power = new Float32Array(bins);
    this.#bands = melBands(melBandCount, highestHz, bins, binHz).map(({ firstBin, weights }) => ({
      firstBin,
      weights: weights.map((weight, n) => weight * binHz * emphasis((firstBin + n) * binHz)),
    }));
  }

  /**
   * @param channels  of every block
   * @throws AppError INVALID_ARGUMENT below 8 kHz, where too little of a voice is left
   */
  static async open(sampleRateHz: number, channels: number): Promise<MelFrames> {
    if (!(sampleRateHz >= 8000)) {
      const message = `Expected a sample rate of at least 8000 Hz to hear a voice in, found ${sampleRateHz}. Resample the recording.`;
      throw new AppError('INVALID_ARGUMENT', message);
    }
    return new MelFrames(await openRealFft(melFftSize(sampleRateHz)), sampleRateHz, channels);
  }

  /**
   * @param block  planar, [channels][frames]; not modified, not kept
   * @param sink   takes every frame that the block completes, in order
   */
  push(block: Planar, sink: RowSink): void {
    const frames = frameCount(block);
    this.#givenFrames += frames;
    for (let at = 0; at < frames;) {
      at += this.#spans.feed(block, at);
      if (this.#spans.ready) this.#take(sink);
    }
  }

  /** Gives the frames that reach beyond the end. Only `close` may follow. */
  finish(sink: RowSink): void {
    const count = voiceFrameCount(this.#givenFrames, this.#sampleRateHz);
    while (this.#spans.frame < count) {
      this.#spans.feedSilence();
      this.#take(sink);
    }
  }

  /** Frees the transform; may be called more than once. */
  close(): void {
    this.#fft.close();
  }

  #take(sink: RowSink): void {
    const power = this.#power;
    power.fill(0);
    for (let channel = 0; channel < this.#channels; channel++) {
      const span = this.#spans.span(channel);
      for (let n = 0; n < span.length; n++) this.#windowed[n] = span[n]! * this.#window[n]!;
      this.#fft.forward(this.#windowed, this.#spectrum);
      addPower(this.#spectrum, power, power.length);
    }
    this.#spans.next();
    for (let band = 0; band < melBandCount; band++) {
      const { firstBin, weights } = this.#bands[band]!;
      let sum = melFloor;
      for (let n = 0; n < weights.length; n++) sum += weights[n]! * power[firstBin + n]!;
      this.#row[band] = Math.log(sum);
    }
    sink(this.#row);
  }
}

/** @returns the smallest power of two whose bins are at most 12 Hz wide */
export function melFftSize(sampleRateHz: number): number {
  return 2 ** Math.ceil(Math.log2(sampleRateHz / widestBinHz));
}

/** |1 - 0.97 exp(-2 pi i f / 16 kHz)|^2, whatever the sample rate. */
function emphasis(frequencyHz: number): number {
  const turn = Math.cos((2 * Math.PI * frequencyHz) / preEmphasisRateHz);
  return 1 + preEmphasis * preEmphasis - 2 * preEmphasis * turn;
}
