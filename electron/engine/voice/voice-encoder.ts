import { AppError } from '../../contract/app-error.js';
import { melBandCount, MelFrames, type RowSink } from '../dsp/mel-frames.js';
import type { Planar, StreamFormat } from '../dsp/planar.js';
import { RunningMelMean } from '../dsp/running-mel-mean.js';
import { transpose } from '../dsp/spectrum.js';
import type { ModelHost, ModelIdentity } from '../models/model-host.js';
import { ContextChunks, type ContextChunk } from './context-chunks.js';
import { ModelRuns } from './model-runs.js';
import { VoiceCodebooks, type VoiceFrame } from './voice-codebooks.js';
import { findVoiceModels } from './voice-models.js';

/** Wanted mel frames of one run, even: 4 s, of which the context of both sides is a third. */
const chunkFrames = 400;

/** What a {@link VoiceEncoder} is opened with. */
export interface VoiceEncoderOptions {
  readonly models: ModelHost;
  /** of the encoder */
  readonly level: string;
  /** at least 8 kHz */
  readonly format: StreamFormat;
  readonly signal: AbortSignal;
  /** hears every row before it is normalised, for whoever reads the voice of it; called within `push` and `finish` */
  readonly onLogMel?: RowSink;
}

/**
 * Hears what is said: planar blocks at any rate to frames of z and its codes, 50 a second; frame k is centred on k * 20 ms, and there
 * are half as many of them as {@link voiceFrameCount} says. They come up to 10 s after their sound. Several channels are heard as one, by their mean
 * power. The result does not depend on how the stream is cut, and memory does not grow.
 */
export class VoiceEncoder {
  readonly codebooks: VoiceCodebooks;
  readonly #mel: MelFrames;
  readonly #mean = new RunningMelMean();
  readonly #chunks: ContextChunks;
  readonly #runs: ModelRuns<ContextChunk>;
  readonly #input: string;
  /** cut, but not given to the model yet */
  readonly #waiting: ContextChunk[] = [];
  readonly #onLogMel: RowSink | undefined;
  readonly #takeLogMel: RowSink = (row) => {
    // Infinite power, or none at all where it was subtracted: neither is sound.
    if (!row.every(Number.isFinite)) throw notSound();
    this.#onLogMel?.(row);
    this.#mean.push(row, this.#takeNormalised);
  };
  readonly #takeNormalised: RowSink = (row) => {
    this.#chunks.nextRow().set(row);
    if (this.#chunks.ready) this.#waiting.push(this.#chunks.take());
  };

  private constructor(
    codebooks: VoiceCodebooks,
    mel: MelFrames,
    chunks: ContextChunks,
    runs: ModelRuns<ContextChunk>,
    input: string,
    onLogMel: RowSink | undefined,
  ) {
    this.#onLogMel = onLogMel;
    this.codebooks = codebooks;
    this.#mel = mel;
    this.#chunks = chunks;
    this.#runs = runs;
    this.#input = input;
  }

  /**
   * @throws AppError MODEL_NOT_FOUND (see {@link findVoiceModels}), MODEL_CHECKSUM_MISMATCH, MODEL_FAILED; INVALID_ARGUMENT below 8 kHz
   */
  static async open({ models, level, format, signal, onLogMel }: VoiceEncoderOptions): Promise<VoiceEncoder> {
    const { codes } = findVoiceModels(models, level);
    const codebooks = await VoiceCodebooks.read(models, codes);
    const mel = await MelFrames.open(format.sampleRateHz, format.channels);
    try {
      const session = await models.open(codes.id, level);
      const chunks = new ContextChunks(melBandCount, codes.contextFrames, chunkFrames);
      const runs = new ModelRuns<ContextChunk>(session, codes.outputs[0]?.name ?? 'z', signal);
      return new VoiceEncoder(codebooks, mel, chunks, runs, codes.inputs[0]?.name ?? 'mel', onLogMel);
    } catch (error) {
      mel.close();
      throw error;
    }
  }

  /** Which weights hear. */
  get model(): ModelIdentity {
    return this.#runs.model;
  }

  /**
   * @param block  planar, [channels][frames >= 0], finite; not modified, not kept
   * @returns the frames that are ready, in order
   * @throws AppError CANCELLED, MODEL_FAILED; INPUT_DAMAGED when samples are so large that their power is not a number
   */
  async push(block: Planar): Promise<VoiceFrame[]> {
    this.#runs.throwIfEnded();
    this.#mel.push(block, this.#takeLogMel);
    return this.#run();
  }

  /** @returns the frames that are left; only `close` may follow. @throws as {@link push} */
  async finish(): Promise<VoiceFrame[]> {
    this.#runs.throwIfEnded();
    this.#mel.finish(this.#takeLogMel);
    this.#mean.finish(this.#takeNormalised);
    const rest = this.#chunks.takeRest();
    if (rest) this.#waiting.push(rest);
    return [...(await this.#run()), ...this.#framesOf(await this.#runs.drain())];
  }

  /** Frees everything; may be called at any time and more than once. */
  close(): void {
    this.#mel.close();
    this.#runs.close();
  }

  async #run(): Promise<VoiceFrame[]> {
    const frames: VoiceFrame[] = [];
    for (let chunk = this.#waiting.shift(); chunk; chunk = this.#waiting.shift()) {
      const mel = transpose(chunk.rows, chunk.frames, melBandCount);
      const inputs = { [this.#input]: { shape: [1, melBandCount, chunk.frames], data: mel } };
      const size = (this.codebooks.size * chunk.frames) / 2;
      frames.push(...this.#framesOf(await this.#runs.submit(inputs, size, chunk)));
    }
    return frames;
  }

  #framesOf(done: [ContextChunk, Float32Array] | null): VoiceFrame[] {
    if (!done) return [];
    const [{ frames, before, wanted }, values] = done;
    const { size } = this.codebooks;
    const rows = transpose(values, size, frames / 2);
    return Array.from({ length: wanted / 2 }, (_, k) => {
      const start = (before / 2 + k) * size;
      const z = rows.slice(start, start + size);
      return { z, ...this.codebooks.encode(z) };
    });
  }
}

function notSound(): AppError {
  return new AppError(
    'INPUT_DAMAGED',
    'Expected samples near full scale, found values so large that their spectrum is not a number. Check the recording.',
  );
}
