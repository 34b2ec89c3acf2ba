import { AppError } from '../../../contract/app-error.js';
import { frameCount, silence, type Planar } from '../../dsp/planar.js';
import { openRealFft, type RealFft } from '../../dsp/real-fft.js';
import { StftAnalyser, stftFrameCount, StftSynthesiser } from '../../dsp/stft.js';
import type { ModelSession, Tensor } from '../../models/model-host.js';
import type { ModelIdentity, Processor, StreamFormat } from '../processor.js';
import { frameLayout, type FrameLayout } from './frame-layout.js';
import { MagnitudeHistory, transpose } from './magnitude-history.js';
import { MaskExtension } from './mask-extension.js';

/** New frames of a chunk: 6 s of sound, so that the repeated context costs a tenth and a chunk stays small. */
const usualChunkFrames = 378;
/** A chunk's spectra are kept until its mask arrives, two chunks at a time: this bounds 8 channels at 192 kHz. */
const largestChunkBytes = 32 * 1024 * 1024;

/** One chunk between analysis and synthesis. */
interface PendingChunk {
  readonly frames: number;
  readonly contextFrames: number;
  /** per channel, [frames][fftSize + 2] */
  readonly spectra: readonly Float32Array[];
  /** settles to the model's answer or its error; never rejects, so that an abandoned chunk is no unhandled rejection */
  readonly answer: Promise<Record<string, Tensor> | AppError>;
}

/**
 * The `spectral-mask` runner: STFT at the recording's own rate, the model's mask on it, phase kept, inverse STFT.
 *
 * All channels share one mask, computed from their root-mean-square magnitude: masks of their own would turn the level
 * differences between channels, which are the stereo image, with every frame. It also makes the model's cost independent of the
 * number of channels. The price: noise in a channel that is silent otherwise is reduced as much as the loudest one allows.
 *
 * @param session  released when the processor is closed
 * @throws AppError MODEL_FAILED when the manifest does not name one magnitude and one mask
 */
export async function openSpectralMask(
  format: StreamFormat,
  session: ModelSession,
  signal: AbortSignal,
): Promise<Processor> {
  const layout = frameLayout(session.manifest, format.sampleRateHz);
  return new SpectralMaskProcessor(format, session, layout, await openRealFft(layout.fftSize), signal);
}

class SpectralMaskProcessor implements Processor {
  readonly model: ModelIdentity;
  readonly #format: StreamFormat;
  readonly #session: ModelSession;
  readonly #layout: FrameLayout;
  readonly #fft: RealFft;
  readonly #signal: AbortSignal;
  readonly #analysers: readonly StftAnalyser[];
  readonly #synthesisers: readonly StftSynthesiser[];
  readonly #history: MagnitudeHistory;
  readonly #extension: MaskExtension;
  readonly #chunkFrames: number;
  /** per channel, [chunkFrames][fftSize + 2]; the chunk being filled */
  #spectra: Float32Array[];
  #pending: PendingChunk | undefined;
  #givenFrames = 0;
  #returnedFrames = 0;
  /** the first frame of all completes only zeros before the start */
  #skippedFirst = false;
  #closed = false;

  constructor(
    format: StreamFormat,
    session: ModelSession,
    layout: FrameLayout,
    fft: RealFft,
    signal: AbortSignal,
  ) {
    const { manifest, level, sha256 } = session;
    this.model = { id: manifest.id, level, sha256 };
    this.#format = format;
    this.#session = session;
    this.#layout = layout;
    this.#fft = fft;
    this.#signal = signal;
    this.#analysers = Array.from({ length: format.channels }, () => new StftAnalyser(fft));
    this.#synthesisers = Array.from({ length: format.channels }, () => new StftSynthesiser(fft));
    const frameBytes = format.channels * (layout.fftSize + 2) * Float32Array.BYTES_PER_ELEMENT;
    this.#chunkFrames = Math.min(usualChunkFrames, Math.ceil(largestChunkBytes / frameBytes));
    this.#history = new MagnitudeHistory(layout.modelBins, manifest.contextFrames, this.#chunkFrames);
    this.#extension = new MaskExtension(layout, layout.hopSamples / format.sampleRateHz);
    this.#spectra = this.#newSpectra();
  }

  async process(block: Planar): Promise<Planar> {
    this.#throwIfEnded();
    const frames = frameCount(block);
    this.#givenFrames += frames;
    return joined(await this.#analyse(block, frames), this.#format.channels);
  }

  async flush(): Promise<Planar> {
    this.#throwIfEnded();
    const hop = this.#layout.hopSamples;
    const paddedFrames = stftFrameCount(this.#givenFrames, hop) * hop;
    const padding = silence(
      this.#format.channels,
      this.#givenFrames === 0 ? 0 : paddedFrames - this.#givenFrames,
    );
    const parts = await this.#analyse(padding, frameCount(padding));
    if (this.#history.newFrames > 0) parts.push(...(await this.#submit()));
    parts.push(...(await this.#finishPending()));
    return joined(parts, this.#format.channels);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#fft.close();
    this.#session.release();
  }

  /** Cuts the block into frames; every full chunk goes to the model while the one before comes back. */
  async #analyse(block: Planar, frames: number): Promise<Planar[]> {
    const parts: Planar[] = [];
    for (let at = 0; at < frames;) {
      const end = Math.min(frames, at + this.#analysers[0]!.missingSamples);
      this.#analysers.forEach((analyser, channel) => analyser.feed(block[channel]!.subarray(at, end)));
      at = end;
      if (this.#analysers[0]!.missingSamples > 0) continue;
      this.#takeFrame();
      if (this.#history.newFrames === this.#chunkFrames) parts.push(...(await this.#submit()));
    }
    return parts;
  }

  #takeFrame(): void {
    const { fftSize, sharedBins, magnitudeScale } = this.#layout;
    const start = this.#history.newFrames * (fftSize + 2);
    const row = this.#history.nextRow();
    row.fill(0);
    this.#analysers.forEach((analyser, channel) => {
      const spectrum = this.#spectra[channel]!.subarray(start, start + fftSize + 2);
      analyser.takeFrame(spectrum);
      addPower(spectrum, row, sharedBins);
    });
    const scale = magnitudeScale / Math.sqrt(this.#format.channels);
    let sum = 0;
    for (let k = 0; k < sharedBins; k++) {
      const magnitude = Math.sqrt(row[k]!) * scale;
      row[k] = magnitude;
      sum += magnitude;
    }
    if (Number.isFinite(sum)) return;
    throw new AppError(
      'INPUT_DAMAGED',
      'Expected samples near full scale, found values so large that their spectrum is not a number. Check the recording.',
    );
  }

  /** Sends the collected chunk to the model, then finishes the one before: at most two are under way. */
  async #submit(): Promise<Planar[]> {
    const frames = this.#history.newFrames;
    const { magnitude, contextFrames } = this.#history.takeChunk();
    const answer = this.#session.run({ [this.#inputName]: magnitude }).catch(AppError.from);
    const submitted: PendingChunk = { frames, contextFrames, spectra: this.#spectra, answer };
    this.#spectra = this.#newSpectra();
    const parts = await this.#finishPending();
    this.#pending = submitted;
    return parts;
  }

  async #finishPending(): Promise<Planar[]> {
    const chunk = this.#pending;
    if (!chunk) return [];
    this.#pending = undefined;
    const answer = await unlessAborted(chunk.answer, this.#signal);
    this.#throwIfEnded();
    if (answer instanceof AppError) throw answer;
    return [this.#synthesise(chunk, this.#maskRows(answer, chunk))];
  }

  /** @returns the mask frame by frame, [context + frames][modelBins], checked */
  #maskRows(answer: Record<string, Tensor>, chunk: PendingChunk): Float32Array {
    const { modelBins } = this.#layout;
    const frames = chunk.contextFrames + chunk.frames;
    const mask = answer[this.#outputName]?.data;
    if (mask?.length !== modelBins * frames) {
      throw this.#badMask(`${modelBins} x ${frames} values`, `${mask?.length ?? 'none'}`);
    }
    let sum = 0;
    for (let i = 0; i < mask.length; i++) sum += mask[i]!;
    if (!Number.isFinite(sum)) throw this.#badMask('finite values', String(sum));
    return transpose(mask, modelBins, frames);
  }

  #synthesise(chunk: PendingChunk, maskRows: Float32Array): Planar {
    const { fftSize, hopSamples, bins, modelBins, sharedBins } = this.#layout;
    const samples = silence(this.#format.channels, chunk.frames * hopSamples);
    const mask = new Float32Array(Math.max(bins, modelBins));
    for (let t = 0; t < chunk.frames; t++) {
      const row = (chunk.contextFrames + t) * modelBins;
      mask.set(maskRows.subarray(row, row + sharedBins));
      this.#extension.extend(mask);
      this.#synthesisers.forEach((synthesiser, channel) => {
        const start = t * (fftSize + 2);
        const spectrum = chunk.spectra[channel]!.subarray(start, start + fftSize + 2);
        multiplyBins(spectrum, mask, bins);
        synthesiser.putFrame(spectrum, samples[channel]!.subarray(t * hopSamples, (t + 1) * hopSamples));
      });
    }
    const from = this.#skippedFirst ? 0 : hopSamples;
    this.#skippedFirst = true;
    // The last frames reach beyond the end of the recording.
    const to = Math.min(samples[0]!.length, from + this.#givenFrames - this.#returnedFrames);
    this.#returnedFrames += to - from;
    return samples.map((channel) => channel.subarray(from, to));
  }

  #newSpectra(): Float32Array[] {
    const length = this.#chunkFrames * (this.#layout.fftSize + 2);
    return Array.from({ length: this.#format.channels }, () => new Float32Array(length));
  }

  get #inputName(): string {
    return this.#session.manifest.inputs[0]?.name ?? 'magnitude';
  }

  get #outputName(): string {
    return this.#session.manifest.outputs[0]?.name ?? 'mask';
  }

  /** Also after an await: the transform's memory is gone once `close` was called meanwhile. */
  #throwIfEnded(): void {
    if (this.#signal.aborted || this.#closed) throw cancelled();
  }

  #badMask(expected: string, found: string): AppError {
    return new AppError(
      'MODEL_FAILED',
      `Expected a mask of ${expected} from model "${this.model.id}", found ${found}. Restore the model's folder.`,
    );
  }
}

function cancelled(): AppError {
  return new AppError('CANCELLED', 'Enhancing was cancelled.');
}

/** @throws AppError CANCELLED as soon as `signal` is aborted, without waiting for the promise */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw cancelled();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled());
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** power[k] += |spectrum[k]|^2 */
function addPower(spectrum: Float32Array, power: Float32Array, bins: number): void {
  for (let k = 0; k < bins; k++) {
    const re = spectrum[2 * k]!;
    const im = spectrum[2 * k + 1]!;
    power[k]! += re * re + im * im;
  }
}

/** spectrum[k] *= mask[k], in place */
function multiplyBins(spectrum: Float32Array, mask: Float32Array, bins: number): void {
  for (let k = 0; k < bins; k++) {
    const gain = mask[k]!;
    spectrum[2 * k]! *= gain;
    spectrum[2 * k + 1]! *= gain;
  }
}

/** @returns the parts one after the other, [channels][sum of frames] */
function joined(parts: readonly Planar[], channels: number): Planar {
  const first = parts[0];
  if (parts.length === 1 && first) return first;
  const result = silence(
    channels,
    parts.reduce((sum, part) => sum + frameCount(part), 0),
  );
  let at = 0;
  for (const part of parts) {
    part.forEach((samples, channel) => result[channel]!.set(samples, at));
    at += frameCount(part);
  }
  return result;
}
