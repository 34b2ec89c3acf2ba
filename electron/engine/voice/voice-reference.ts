import { AppError } from '../../contract/app-error.js';
import { melBandCount, type RowSink } from '../dsp/mel-frames.js';
import type { ModelHost, ModelIdentity } from '../models/model-host.js';
import { referenceFrames, type ManifestOf, type VoiceReferenceEntry } from '../models/model-manifest.js';
import { ModelRuns } from './model-runs.js';
import { ReferenceWindow } from './reference-window.js';
import type { VoiceModels } from './voice-models.js';

/** Frames of 10 ms of speech without which no voice is read, as in training; until 2 s are there it is read anew after as many. */
export const leastSpeechFrames = 50;

/** What is known of 10 ms of the recording. */
export interface ReferenceFrame {
  /** whether it is speech */
  readonly spoken: boolean;
  /** mean square of its samples */
  readonly power: number;
  /** 0 where unvoiced */
  readonly f0Hz: number;
}

/** A voice, and the frame with which it was known. */
export interface ReadVoice {
  readonly frame: number;
  /** as the synthesis takes it, [voice size] */
  readonly vector: Float32Array;
}

/** What a {@link VoiceReference} is opened with. */
export interface VoiceReferenceOptions {
  readonly models: ModelHost;
  readonly found: VoiceModels;
  readonly signal: AbortSignal;
  /** windows of speech, 2 s each, after which an earlier one has faded to 1/e; Infinity where all count alike */
  readonly fadeWindows: number;
}

interface ReadyWindow {
  readonly frame: number;
  readonly mel: Float32Array;
  /** in the mean: the share of 2 s that it holds; 0 of what only stands in until there are 2 s */
  readonly weight: number;
}

/**
 * Reads the voice of whoever speaks: a vector of every 2 s of speech, joined over pauses, and the running mean of them. It is given rows
 * of log mel and, for the same frames but later, whether they are speech. One pass; memory does not grow. The result does not
 * depend on how the stream is cut.
 */
export class VoiceReference {
  readonly #entry: VoiceReferenceEntry;
  readonly #runs: ModelRuns<ReadyWindow>;
  readonly #fade: number;
  readonly #window = new ReferenceWindow();
  /** rows whose frames are not decided yet */
  readonly #rows: Float64Array[] = [];
  readonly #waiting: ReadyWindow[] = [];
  readonly #sum: Float64Array;
  /** of the windows in `#sum` */
  #mass = 0;
  #heardWhole = false;
  #frames = 0;
  #octaves = 0;
  #voicedFrames = 0;

  /** Takes the log mel of the next frame; copied. */
  readonly takeRow: RowSink = (row) => {
    this.#rows.push(row.slice());
  };

  private constructor(entry: VoiceReferenceEntry, runs: ModelRuns<ReadyWindow>, fadeWindows: number) {
    this.#entry = entry;
    this.#runs = runs;
    this.#fade = Math.exp(-1 / fadeWindows);
    this.#sum = new Float64Array(entry.output.shape[1]);
  }

  /** @throws AppError MODEL_NOT_FOUND as {@link expectReference}, MODEL_CHECKSUM_MISMATCH, MODEL_FAILED */
  static async open({ models, found, signal, fadeWindows }: VoiceReferenceOptions): Promise<VoiceReference> {
    const entry = expectReference(found.synthesis);
    const session = await models.openBeside(found.synthesis.id, entry);
    return new VoiceReference(entry, new ModelRuns(session, entry.output.name, signal), fadeWindows);
  }

  /** Which weights read. */
  get model(): ModelIdentity {
    return this.#runs.model;
  }

  /** Geometric mean of the F0 of all speech so far in Hz; null where nothing was voiced. */
  get registerHz(): number | null {
    return this.#voicedFrames > 0 ? 2 ** (this.#octaves / this.#voicedFrames) : null;
  }

  /** @param frame  the next one, whose row came before */
  takeFrame({ spoken, power, f0Hz }: ReferenceFrame): void {
    const row = this.#rows.shift()!;
    this.#frames++;
    if (!spoken) return;
    if (f0Hz > 0) {
      this.#octaves += Math.log2(f0Hz);
      this.#voicedFrames++;
    }
    this.#window.add(row, power);
    const whole = this.#window.filled === referenceFrames;
    const provisional = !this.#heardWhole && this.#window.filled % leastSpeechFrames === 0;
    if (!whole && !provisional) return;
    this.#queue(whole ? 1 : 0);
    if (!whole) return;
    this.#window.clear();
    this.#heardWhole = true;
  }

  /**
   * Ends the recording: what is left of half a second or more is read as well and counts by its length, so that {@link read}, which is to
   * follow once, gives the mean of all speech. No frame may follow.
   */
  finish(): void {
    const { filled } = this.#window;
    if (filled >= leastSpeechFrames) this.#queue(filled / referenceFrames);
    this.#window.clear();
  }

  /**
   * @returns the voices that have become known since this was called before, in order; each replaces the one before it
   * @throws AppError CANCELLED, MODEL_FAILED
   */
  async read(): Promise<ReadVoice[]> {
    const voices: ReadVoice[] = [];
    for (let window = this.#waiting.shift(); window; window = this.#waiting.shift()) {
      const { input } = this.#entry;
      const inputs = { [input.name]: { shape: [1, melBandCount, referenceFrames], data: window.mel } };
      await this.#runs.submit(inputs, this.#sum.length, window);
      const [, vector] = (await this.#runs.drain())!;
      voices.push({
        frame: window.frame,
        vector: window.weight > 0 ? this.#meanWith(vector, window.weight) : vector,
      });
    }
    return voices;
  }

  /** Frees everything; may be called at any time and more than once. */
  close(): void {
    this.#runs.close();
  }

  #queue(weight: number): void {
    const mel = this.#window.levelled(this.#entry.speechRms);
    this.#waiting.push({ frame: this.#frames - 1, mel, weight });
  }

  #meanWith(vector: Float32Array, weight: number): Float32Array {
    const fade = this.#fade ** weight;
    this.#mass = this.#mass * fade + weight;
    for (let d = 0; d < vector.length; d++) this.#sum[d] = this.#sum[d]! * fade + weight * vector[d]!;
    return Float32Array.from(this.#sum, (value) => value / this.#mass);
  }
}

/**
 * @returns what the manifest of a synthesis says of its reference net
 * @throws AppError MODEL_NOT_FOUND where it has none
 */
export function expectReference({ id, reference }: ManifestOf<'voice-synthesis'>): VoiceReferenceEntry {
  if (reference) return reference;
  throw new AppError(
    'MODEL_NOT_FOUND',
    `Expected a reference net in the model "${id}", which reads the speaker's voice for "keep", found an export without one. Choose the ` +
      'voice random or neutral, which need none, or install a later export of the model.',
  );
}
