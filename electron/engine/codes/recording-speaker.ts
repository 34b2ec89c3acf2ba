import { AppError } from '../../contract/app-error.js';
import { framesPerSecond } from '../dsp/centred-frames.js';
import type { RowSink } from '../dsp/mel-frames.js';
import type { Planar, StreamFormat } from '../dsp/planar.js';
import { SpeechHearing } from '../processors/voice/speech-hearing.js';
import type { SpeechSink } from '../processors/voice/speech-track.js';
import { leastSpeechFrames, VoiceReference, type VoiceReferenceOptions } from '../voice/voice-reference.js';
import type { SpeakerFile } from './speaker-file.js';

/** Hears one recording for the voice of who speaks in it: the mean over all of its speech, but for less than half a second that
 * may be left at the end, in one pass. Memory does not grow. */
export class RecordingSpeaker {
  readonly #reference: VoiceReference;
  readonly #hearing: SpeechHearing;
  #vector: Float32Array | undefined;
  readonly #takeFrame: SpeechSink = (frame) => {
    this.#reference.takeFrame(frame);
  };

  private constructor(reference: VoiceReference, hearing: SpeechHearing) {
    this.#reference = reference;
    this.#hearing = hearing;
  }

  /** @throws as `VoiceReference.open` */
  static async open(
    format: StreamFormat,
    options: Omit<VoiceReferenceOptions, 'fadeWindows'>,
  ): Promise<RecordingSpeaker> {
    const reference = await VoiceReference.open({ ...options, fadeWindows: Infinity });
    try {
      return new RecordingSpeaker(reference, await SpeechHearing.open(format));
    } catch (error) {
      reference.close();
      throw error;
    }
  }

  /** @see VoiceReference.takeRow; the rows of a block come before the block */
  get takeRow(): RowSink {
    return this.#reference.takeRow;
  }

  /**
   * @param block  planar, [channels][frames]; not modified, not kept
   * @throws AppError CANCELLED, MODEL_FAILED
   */
  async push(block: Planar): Promise<void> {
    this.#hearing.push(block, this.#takeFrame);
    await this.#read();
  }

  /**
   * @returns the voice; only `close` may follow
   * @throws as {@link push}; AppError INPUT_UNSUPPORTED where there was too little speech
   */
  async finish(): Promise<SpeakerFile> {
    this.#hearing.finish(this.#takeFrame);
    this.#reference.finish();
    await this.#read();
    const { model, registerHz } = this.#reference;
    if (this.#vector !== undefined && registerHz !== null) {
      return { referenceSha256: model.sha256, registerHz, vector: this.#vector };
    }
    const [least, found] = [leastSpeechFrames, this.#hearing.track.speechFrames].map((frames) =>
      (frames / framesPerSecond).toFixed(2),
    );
    throw new AppError(
      'INPUT_UNSUPPORTED',
      `Expected at least ${least} s of speech to read the speaker's voice from, found ${found} s. Leave --speaker out, or take a recording with more speech.`,
    );
  }

  /** Frees everything; may be called at any time and more than once. */
  close(): void {
    this.#reference.close();
    this.#hearing.close();
  }

  async #read(): Promise<void> {
    const last = (await this.#reference.read()).at(-1);
    if (last) this.#vector = last.vector;
  }
}
