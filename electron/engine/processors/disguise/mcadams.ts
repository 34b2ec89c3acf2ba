import type { Finding } from '../../../contract/audio-format.js';
import { frameLayout, type FrameLayout } from '../../dsp/frame-layout.js';
import { MagnitudeFrames } from '../../dsp/magnitude-frames.js';
import { openRealFft } from '../../dsp/open-real-fft.js';
import { frameCount, silence, type Planar, type StreamFormat } from '../../dsp/planar.js';
import type { RealFft } from '../../dsp/real-fft.js';
import { multiplyBins } from '../../dsp/spectrum.js';
import { stftFrameCount, StftSynthesiser } from '../../dsp/stft.js';
import { cancelled } from '../../models/cancelling.js';
import type { Processor } from '../processor.js';
import { bandHz, EnvelopeWarp } from './envelope-warp.js';

/** Frames of 20 ms every 10 ms, as the transformation's recipe has them; other rates take the size that lasts as long. */
const transform = { fftSize: 320, sampleRateHz: 16_000 } as const;

/**
 * Moves the resonances of a voice (McAdams' transformation, see {@link EnvelopeWarp}) in a short-time Fourier transform at the
 * recording's own rate: length and alignment are exact, pitch and timing stay.
 *
 * All channels share one set of gains, from their root-mean-square magnitude: gains of their own would turn the level differences
 * between channels, which are the stereo image, with every frame; and unlike their sum, the mean power misses nothing where
 * channels are out of phase.
 * @param exponent  above 0; 1 gives the samples back
 */
export async function openMcAdams(
  format: StreamFormat,
  exponent: number,
  signal: AbortSignal,
): Promise<Processor> {
  const { fftSize, hopSamples, bins } = frameLayout(transform, format.sampleRateHz);
  // Every bin the recording has is read, at its own level.
  const layout = { fftSize, hopSamples, bins, modelBins: bins, sharedBins: bins, magnitudeScale: 1 };
  return new McAdamsProcessor(format, layout, exponent, await openRealFft(fftSize), signal);
}

class McAdamsProcessor implements Processor {
  readonly models = [];
  readonly findings: readonly Finding[];
  readonly #format: StreamFormat;
  readonly #layout: FrameLayout;
  readonly #fft: RealFft;
  readonly #signal: AbortSignal;
  readonly #frames: MagnitudeFrames;
  readonly #warp: EnvelopeWarp;
  readonly #synthesisers: readonly StftSynthesiser[];
  /** of one frame, per channel, [fftSize + 2] */
  readonly #spectra: readonly Float32Array[];
  readonly #magnitude: Float32Array;
  readonly #gains: Float32Array;
  #givenFrames = 0;
  #returnedFrames = 0;
  /** sample frames before the start that the first frame of all completes, until they are left out */
  #leadFrames: number;
  #closed = false;

  constructor(
    format: StreamFormat,
    layout: FrameLayout,
    exponent: number,
    fft: RealFft,
    signal: AbortSignal,
  ) {
    const { sampleRateHz, channels } = format;
    this.findings = findingsOf(sampleRateHz);
    this.#format = format;
    this.#layout = layout;
    this.#fft = fft;
    this.#signal = signal;
    this.#frames = new MagnitudeFrames(fft, layout, channels);
    this.#warp = new EnvelopeWarp({ bins: layout.bins, binHz: sampleRateHz / layout.fftSize }, exponent);
    this.#synthesisers = Array.from({ length: channels }, () => new StftSynthesiser(fft));
    this.#spectra = Array.from({ length: channels }, () => new Float32Array(layout.fftSize + 2));
    this.#magnitude = new Float32Array(layout.bins);
    this.#gains = new Float32Array(layout.bins);
    this.#leadFrames = layout.hopSamples;
  }

  async process(block: Planar): Promise<Planar> {
    this.#throwIfEnded();
    this.#givenFrames += frameCount(block);
    return Promise.resolve(this.#transform(block));
  }

  async flush(): Promise<Planar> {
    this.#throwIfEnded();
    if (this.#givenFrames === 0) return Promise.resolve(silence(this.#format.channels, 0));
    const { hopSamples } = this.#layout;
    const paddedFrames = stftFrameCount(this.#givenFrames, hopSamples) * hopSamples;
    const rest = this.#transform(silence(this.#format.channels, paddedFrames - this.#givenFrames));
    // The last frames reach beyond the end of the recording.
    const wanted = frameCount(rest) + this.#givenFrames - this.#returnedFrames;
    this.#returnedFrames = this.#givenFrames;
    return Promise.resolve(rest.map((samples) => samples.subarray(0, wanted)));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#fft.close();
  }

  /** @returns the samples that the frames of this block complete */
  #transform(block: Planar): Planar {
    const { hopSamples } = this.#layout;
    const frames = frameCount(block);
    const room = silence(this.#format.channels, frames + 2 * hopSamples);
    let filled = 0;
    for (let at = 0; at < frames;) {
      at += this.#frames.feed(block, at);
      if (!this.#frames.ready) continue;
      this.#putFrame(room, filled);
      filled += hopSamples;
    }
    const from = filled > 0 ? this.#leadFrames : 0;
    if (filled > 0) this.#leadFrames = 0;
    this.#returnedFrames += filled - from;
    return room.map((samples) => samples.slice(from, filled));
  }

  #putFrame(room: Planar, start: number): void {
    this.#frames.take(this.#spectra, 0, this.#magnitude);
    this.#warp.gains(this.#magnitude, this.#gains);
    for (let channel = 0; channel < room.length; channel++) {
      const spectrum = this.#spectra[channel]!;
      multiplyBins(spectrum, this.#gains, this.#layout.bins);
      const samples = room[channel]!.subarray(start, start + this.#layout.hopSamples);
      this.#synthesisers[channel]!.putFrame(spectrum, samples);
    }
  }

  #throwIfEnded(): void {
    if (this.#signal.aborted || this.#closed) throw cancelled();
  }
}

function findingsOf(sampleRateHz: number): Finding[] {
  const label = {
    code: 'DISGUISE_NOT_PROTECTION',
    message:
      'Disguise, not protection: the voice sounds like another one, but who has this tool can still tell whose it is. ' +
      'Words, accent, pitch and manner of speaking stay as they are.',
  };
  if (sampleRateHz <= 2 * bandHz) return [label];
  const dropped = {
    code: 'DISGUISE_BAND_DROPPED',
    message: `Everything above ${bandHz / 1000} kHz was left out: a voice could be told by it, and the disguise does not reach there.`,
  };
  return [label, dropped];
}
