import { frameLayout, type FrameLayout } from '../dsp/frame-layout.js';
import { MaskExtension } from '../dsp/mask-extension.js';
import { PlainRealFft } from '../dsp/plain-real-fft.js';
import { addPower, multiplyBins, toMagnitudes } from '../dsp/spectrum.js';
import { StftAnalyser, StftSynthesiser } from '../dsp/stft.js';
import type { FrameKernel } from './frame-kernel.js';
import { openFrameKernel } from './open-frame-kernel.js';

/** What {@link openFrameEnhancer} needs. */
export interface FrameEnhancerOptions {
  /** an ONNX file with the weights of a mask net, as it lies on the disk; read once, not kept */
  readonly onnx: Uint8Array;
  readonly sampleRateHz: number;
  /** 1 or more; all channels share one mask */
  readonly channels: number;
}

/**
 * Enhances a stream hop by hop at its own sample rate, with the same transform, mask and extension as the file path.
 * Runs anywhere, an audio thread included: it opens without waiting and allocates nothing after that.
 */
export interface FrameEnhancer {
  readonly channels: number;
  /** sample frames that {@link processHop} takes and gives; half a transform, 768 at 48 kHz */
  readonly hopSamples: number;
  /** sample frames by which the output is late: exactly one hop */
  readonly latencySamples: number;
  /**
   * Takes the next hop and gives the one that became complete, which is the hop taken by the call before. What the first call
   * after `reset` gives lies before the start, next to silence: drop it.
   * @param input   [channels][hopSamples], full scale +-1; copied. A frame whose spectrum is not finite comes out silent
   * @param output  [channels][hopSamples], overwritten; may be `input` itself
   * @returns multiply-accumulates that this frame took as a share of the dense net's; above 1 where hardly any gate is closed, for the
   *   gates themselves are work too
   */
  processHop(input: readonly Float32Array[], output: readonly Float32Array[]): number;
  /** Forgets the past, as at the start of a recording or after a jump. */
  reset(): void;
}

/** The transform that every net here was trained on has 2 (bins - 1) samples at this rate. */
const modelSampleRateHz = 16_000;

/**
 * Opens the net and all memory; there is nothing to close.
 * @throws RangeError when the file is damaged or holds another kind of net, or a number makes no sense
 */
export function openFrameEnhancer(options: FrameEnhancerOptions): FrameEnhancer {
  const { onnx, sampleRateHz, channels } = options;
  if (!(sampleRateHz >= lowestSampleRateHz) || !Number.isFinite(sampleRateHz))
    throw new RangeError(
      `Expected a sample rate of at least ${lowestSampleRateHz} Hz, found ${sampleRateHz}.`,
    );
  if (!Number.isInteger(channels) || channels < 1)
    throw new RangeError(`Expected 1 channel or more, found ${channels}.`);
  return new KernelFrameEnhancer(openFrameKernel(onnx), sampleRateHz, channels);
}

/** Below, a frame has hardly a sample: certainly a mistake. */
const lowestSampleRateHz = 1000;

class KernelFrameEnhancer implements FrameEnhancer {
  readonly channels: number;
  readonly hopSamples: number;
  readonly latencySamples: number;
  readonly #kernel: FrameKernel;
  readonly #layout: FrameLayout;
  readonly #magnitudeScale: number;
  readonly #analysers: readonly StftAnalyser[];
  readonly #synthesisers: readonly StftSynthesiser[];
  readonly #extension: MaskExtension;
  /** per channel, interleaved re/im, [fftSize + 2] */
  readonly #spectra: readonly Float32Array[];
  /** [modelBins] */
  readonly #magnitude: Float32Array;
  /** the model's bins and those above, as many as either has */
  readonly #mask: Float32Array;

  constructor(kernel: FrameKernel, sampleRateHz: number, channels: number) {
    const fftSize = 2 * (kernel.bins - 1);
    const layout = frameLayout({ fftSize, sampleRateHz: modelSampleRateHz }, sampleRateHz);
    const fft = new PlainRealFft(layout.fftSize);
    this.channels = channels;
    this.hopSamples = layout.hopSamples;
    this.latencySamples = layout.hopSamples;
    this.#kernel = kernel;
    this.#layout = layout;
    this.#magnitudeScale = layout.magnitudeScale / Math.sqrt(channels);
    this.#analysers = Array.from({ length: channels }, () => new StftAnalyser(fft));
    this.#synthesisers = Array.from({ length: channels }, () => new StftSynthesiser(fft));
    this.#extension = new MaskExtension(layout, layout.hopSamples / sampleRateHz);
    this.#spectra = Array.from({ length: channels }, () => new Float32Array(layout.fftSize + 2));
    this.#magnitude = new Float32Array(layout.modelBins);
    this.#mask = new Float32Array(Math.max(layout.bins, layout.modelBins));
  }

  processHop(input: readonly Float32Array[], output: readonly Float32Array[]): number {
    const share = this.#analyse(input) ? this.#estimateMask() : this.#silenceFrame();
    for (let channel = 0; channel < this.channels; channel++) {
      const spectrum = this.#spectra[channel]!;
      multiplyBins(spectrum, this.#mask, this.#layout.bins);
      this.#synthesisers[channel]!.putFrame(spectrum, output[channel]!);
    }
    return share;
  }

  reset(): void {
    this.#kernel.reset();
    this.#extension.reset();
    for (const analyser of this.#analysers) analyser.reset();
    for (const synthesiser of this.#synthesisers) synthesiser.reset();
  }

  /** @returns whether the frame is made of numbers */
  #analyse(input: readonly Float32Array[]): boolean {
    const { sharedBins } = this.#layout;
    const magnitude = this.#magnitude;
    magnitude.fill(0);
    for (let channel = 0; channel < this.channels; channel++) {
      const spectrum = this.#spectra[channel]!;
      this.#analysers[channel]!.feed(input[channel]!);
      this.#analysers[channel]!.takeFrame(spectrum);
      addPower(spectrum, magnitude, sharedBins);
    }
    return Number.isFinite(toMagnitudes(magnitude, sharedBins, this.#magnitudeScale));
  }

  #estimateMask(): number {
    const macs = this.#kernel.process(this.#magnitude);
    this.#mask.set(this.#kernel.mask);
    this.#extension.extend(this.#mask);
    return macs / this.#kernel.denseMacs;
  }

  /** Not a number times 0 is not a number, and the net would remember it for 42 frames: it does not get to see the frame. */
  #silenceFrame(): number {
    for (let channel = 0; channel < this.channels; channel++) this.#spectra[channel]!.fill(0);
    return 0;
  }
}
