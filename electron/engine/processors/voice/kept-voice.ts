import type { RowSink } from '../../dsp/mel-frames.js';
import type { ModelIdentity } from '../../models/model-host.js';
import {
  VoiceReference,
  type ReadVoice,
  type ReferenceFrame,
  type VoiceReferenceOptions,
} from '../../voice/voice-reference.js';

/** Some 30 s of speech: who speaks now counts most, as in the running mean of F0. */
const fadeWindows = 15;
/** Frames that a voice is waited for: the encoder is later than that anyway. */
const aheadFrames = 400;

/**
 * The speaker's own voice, code by code, as it runs through the recording: for each code what was read of all speech before it
 * and of 4 s after it. The synthesis takes that of the first of each 100 codes for all of them, so that what is said at an instant has
 * the voice of all speech up to 2 to 4 s after it. While that is less than half a second of speech, nothing is known.
 */
export class KeptVoice {
  readonly #reference: VoiceReference;
  readonly #read: ReadVoice[] = [];
  #voice: Float32Array | undefined;
  #frames = 0;
  #ended = false;

  private constructor(reference: VoiceReference) {
    this.#reference = reference;
  }

  /** @throws as `VoiceReference.open` */
  static async open(options: Omit<VoiceReferenceOptions, 'fadeWindows'>): Promise<KeptVoice> {
    return new KeptVoice(await VoiceReference.open({ ...options, fadeWindows }));
  }

  /** Which weights read it. */
  get model(): ModelIdentity {
    return this.#reference.model;
  }

  /** @see VoiceReference.takeRow */
  get takeRow(): RowSink {
    return this.#reference.takeRow;
  }

  /** Takes the next frame, whose row came before. */
  takeFrame(frame: ReferenceFrame): void {
    this.#reference.takeFrame(frame);
    this.#frames++;
  }

  /**
   * Reads what was taken since the last call; to be awaited before {@link codes} and {@link at} are asked.
   * @param ended  whether no frame will follow
   * @throws AppError CANCELLED, MODEL_FAILED
   */
  async read(ended = false): Promise<void> {
    this.#read.push(...(await this.#reference.read()));
    this.#ended = ended;
  }

  /** Codes from the first one on whose voice is decided. */
  get codes(): number {
    return this.#ended ? Infinity : Math.max(0, Math.floor((this.#frames - aheadFrames) / 2));
  }

  /**
   * @param code  below {@link codes}, not before that of the last call
   * @returns the voice to say it with, [voice size]; undefined while none is known
   */
  at(code: number): Float32Array | undefined {
    while (this.#read.length > 0 && this.#read[0]!.frame < 2 * code + aheadFrames) {
      this.#voice = this.#read.shift()!.vector;
    }
    return this.#voice;
  }

  /** Frees everything; may be called more than once. */
  close(): void {
    this.#reference.close();
  }
}
