import { melBandCount, MelFrames, type RowSink } from '../dsp/mel-frames.js';
import { framesPerSecond } from '../dsp/centred-frames.js';
import { frameCount, type Planar, type StreamFormat } from '../dsp/planar.js';
import type { ModelHost, ModelIdentity } from '../models/model-host.js';
import type { ManifestOf } from '../models/model-manifest.js';
import { ModelRuns } from './model-runs.js';
import { SpeechWindows, type SpeechWindow } from './speech-windows.js';

/** Whose voice a recording holds, to be compared with another by the same weights. */
export interface SpeakerEmbedding {
  /** [size], of length 1 */
  readonly vector: Float64Array;
  /** of speech that it was made of, at least 1 */
  readonly speechSeconds: number;
}

/** What a {@link SpeakerEmbedder} is opened with. */
export interface SpeakerEmbedderOptions {
  readonly models: ModelHost;
  readonly manifest: ManifestOf<'speaker-embedder'>;
  /** at least 8 kHz */
  readonly format: StreamFormat;
  /** length of the recording, may be an estimate; null where nobody knows it */
  readonly seconds: number | null;
  readonly signal: AbortSignal;
}

/**
 * Hears whose voice it is: planar blocks at any rate to one vector, the mean of the vectors of all {@link SpeechWindows}, each of
 * length 1 and counted by its frames. Several channels are heard as one, by their mean power. The result does not depend on how
 * the stream is cut, memory does not grow, and beyond the first minute hardly does the work.
 */
export class SpeakerEmbedder {
  readonly #sampleRateHz: number;
  readonly #mel: MelFrames;
  readonly #windows: SpeechWindows;
  readonly #runs: ModelRuns<number>;
  readonly #input: string;
  readonly #sum: Float64Array;
  #speechFrames = 0;
  #position = 0;
  /** sample frames that are left out before any more are heard */
  #skipped = 0;
  /** complete, but not given to the model yet */
  readonly #waiting: SpeechWindow[] = [];
  readonly #takeWindow = (window: SpeechWindow): void => {
    this.#waiting.push(window);
  };
  readonly #takeRow: RowSink = (row) => {
    this.#windows.push(row, this.#takeWindow);
  };

  private constructor(
    { format, seconds, manifest }: SpeakerEmbedderOptions,
    mel: MelFrames,
    runs: ModelRuns<number>,
  ) {
    const [output] = manifest.outputs;
    this.#sampleRateHz = format.sampleRateHz;
    this.#mel = mel;
    this.#windows = new SpeechWindows(seconds);
    this.#runs = runs;
    this.#input = manifest.inputs[0]?.name ?? 'mel';
    this.#sum = new Float64Array(Number(output?.shape[1] ?? 0));
  }

  /** @throws AppError MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH, MODEL_FAILED; INVALID_ARGUMENT below 8 kHz */
  static async open(options: SpeakerEmbedderOptions): Promise<SpeakerEmbedder> {
    const { models, manifest, format, signal } = options;
    const mel = await MelFrames.open(format.sampleRateHz, format.channels);
    try {
      const session = await models.open(manifest.id, manifest.levels[0]!.id);
      const runs = new ModelRuns<number>(session, manifest.outputs[0]?.name ?? 'vector', signal);
      return new SpeakerEmbedder(options, mel, runs);
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
   * @param block  planar, [channels][frames >= 0]; not modified, not kept
   * @throws AppError CANCELLED, MODEL_FAILED
   */
  async push(block: Planar): Promise<void> {
    this.#runs.throwIfEnded();
    const frames = frameCount(block);
    for (let at = 0; at < frames;) {
      const left = frames - at;
      const leaving = Math.min(left, this.#skipped);
      // Heard up to the next whole second, where there may be something to skip.
      const taken =
        leaving > 0 ? leaving : Math.min(left, this.#sampleRateHz - (this.#position % this.#sampleRateHz));
      if (leaving > 0) this.#skipped -= leaving;
      else this.#hear(block, at, taken);
      this.#position += taken;
      at += taken;
      if (leaving === 0 && this.#position % this.#sampleRateHz === 0) {
        const second = this.#position / this.#sampleRateHz;
        this.#skipped = this.#windows.skipFrom(second) * this.#sampleRateHz;
      }
    }
    await this.#run();
  }

  /**
   * Only `close` may follow.
   * @returns null where less than a second of speech was found
   * @throws as {@link push}
   */
  async finish(): Promise<SpeakerEmbedding | null> {
    this.#runs.throwIfEnded();
    this.#mel.finish(this.#takeRow);
    this.#windows.finish(this.#takeWindow);
    await this.#run();
    this.#add(await this.#runs.drain());
    const length = Math.hypot(...this.#sum);
    if (this.#speechFrames === 0 || length === 0) return null;
    const vector = this.#sum.map((value) => value / length);
    return { vector, speechSeconds: this.#speechFrames / framesPerSecond };
  }

  /** Frees everything; may be called at any time and more than once. */
  close(): void {
    this.#mel.close();
    this.#runs.close();
  }

  #hear(block: Planar, from: number, count: number): void {
    this.#mel.push(
      block.map((samples) => samples.subarray(from, from + count)),
      this.#takeRow,
    );
  }

  async #run(): Promise<void> {
    for (let window = this.#waiting.shift(); window; window = this.#waiting.shift()) {
      const { mel, frames } = window;
      const inputs = { [this.#input]: { shape: [1, melBandCount, frames], data: mel } };
      this.#add(await this.#runs.submit(inputs, this.#sum.length, frames));
    }
  }

  #add(done: [number, Float32Array] | null): void {
    if (!done) return;
    const [frames, vector] = done;
    const length = Math.hypot(...vector);
    if (length === 0) return;
    for (let i = 0; i < vector.length; i++) this.#sum[i]! += (frames * vector[i]!) / length;
    this.#speechFrames += frames;
  }
}
