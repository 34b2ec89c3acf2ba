import { AppError } from '../../contract/app-error.js';
import { frameLayout, type FrameLayout, type ModelTransform } from '../dsp/frame-layout.js';
import { MagnitudeFrames } from '../dsp/magnitude-frames.js';
import { frameCount, silence, type Planar } from '../dsp/planar.js';
import { openRealFft } from '../dsp/open-real-fft.js';
import type { RealFft } from '../dsp/real-fft.js';
import { stftFrameCount } from '../dsp/stft.js';
import type { FrameKernel } from '../frame-kernel/frame-kernel.js';
import type { ProbeTable } from '../models/probe-table.js';
import type { Lanes } from './lanes.js';
import { LanesFromGates, untoldLanes } from './lanes-from-gates.js';

/** A gated net and what its gates tell. */
export interface LaneNet {
  /** used by one analyser at a time */
  readonly kernel: FrameKernel;
  readonly table: ProbeTable;
  readonly transform: ModelTransform;
}

/**
 * Measures the lanes of a stream of planar blocks at any rate and any number of channels, on the frames that the enhancer sees
 * ({@link MagnitudeFrames}). The result does not depend on how the stream is cut. Memory grows by 16 bytes a frame, 3.6 MB an hour.
 */
export class LaneAnalyser {
  readonly #sampleRateHz: number;
  readonly #channels: number;
  readonly #layout: FrameLayout;
  readonly #fft: RealFft;
  readonly #frames: MagnitudeFrames;
  readonly #kernel: FrameKernel;
  readonly #table: ProbeTable;
  readonly #lanes: LanesFromGates;
  readonly #magnitude: Float32Array;
  /** of the frame in hand, per channel */
  readonly #spectra: readonly Float32Array[];
  #sampleFrames = 0;

  private constructor(sampleRateHz: number, channels: number, net: LaneNet, fft: RealFft) {
    const { kernel, table, transform } = net;
    this.#sampleRateHz = sampleRateHz;
    this.#channels = channels;
    this.#layout = frameLayout(transform, sampleRateHz);
    this.#fft = fft;
    this.#frames = new MagnitudeFrames(fft, this.#layout, channels);
    this.#kernel = kernel;
    this.#table = table;
    this.#lanes = new LanesFromGates(table, kernel.gateCount);
    this.#magnitude = new Float32Array(this.#layout.modelBins);
    this.#spectra = Array.from({ length: channels }, () => new Float32Array(fft.size + 2));
    kernel.reset();
  }

  /**
   * @param channels  1 or more
   * @throws AppError MODEL_FAILED when net and probes do not fit together
   */
  static async open(sampleRateHz: number, channels: number, net: LaneNet): Promise<LaneAnalyser> {
    const { kernel, transform } = net;
    const bins = transform.fftSize / 2 + 1;
    if (kernel.bins !== bins) throw misfit(`a net of ${bins} bins, found one of ${kernel.bins}`);
    const fft = await openRealFft(frameLayout(transform, sampleRateHz).fftSize);
    try {
      return new LaneAnalyser(sampleRateHz, channels, net, fft);
    } catch (error) {
      fft.close();
      throw error instanceof RangeError ? misfit(error.message) : error;
    }
  }

  /**
   * @param block  planar, [channels][frames], full scale +-1, finite; not modified, not kept
   * @throws AppError INPUT_DAMAGED when samples are so large that their spectrum is no number
   */
  push(block: Planar): void {
    this.#sampleFrames += frameCount(block);
    this.#measure(block);
  }

  /** @returns the lanes of everything that was pushed; only `close` may follow */
  finish(): Lanes {
    const { hopSamples } = this.#layout;
    const sampleFrames = this.#sampleFrames;
    const frames = stftFrameCount(sampleFrames, hopSamples);
    this.#measure(silence(this.#channels, frames * hopSamples - sampleFrames));
    this.#lanes.finish();
    return {
      frameSeconds: hopSamples / this.#sampleRateHz,
      frames,
      seconds: sampleFrames / this.#sampleRateHz,
      values: this.#lanes.values,
      noiseLabels: this.#table.noise.labels,
      untold: untoldLanes(this.#table),
    };
  }

  /** Frees the transform's memory; may be called at any time and more than once. */
  close(): void {
    this.#fft.close();
  }

  #measure(block: Planar): void {
    const frames = frameCount(block);
    const magnitude = this.#magnitude;
    for (let at = 0; at < frames;) {
      at += this.#frames.feed(block, at);
      if (!this.#frames.ready) continue;
      this.#frames.take(this.#spectra, 0, magnitude);
      this.#kernel.process(magnitude);
      this.#lanes.push(this.#kernel.gates, this.#power(magnitude));
    }
  }

  /**
   * Mean square of a frame within the net's band, by Parseval: twice the inner bins over size times the window's energy, which is
   * half its size. At the level of the model's own transform this is the same number at every rate.
   */
  #power(magnitude: Float32Array): number {
    const last = magnitude.length - 1;
    let sum = 0;
    for (let k = 1; k < last; k++) sum += magnitude[k]! * magnitude[k]!;
    const edges = magnitude[0]! * magnitude[0]! + magnitude[last]! * magnitude[last]!;
    const size = 2 * last;
    return (2 * sum + edges) / (size * (size / 2));
  }
}

function misfit(what: string): AppError {
  return new AppError(
    'MODEL_FAILED',
    `The model's net and its probes do not fit together: ${what}. Restore the model's folder.`,
  );
}
