import type { VoiceSettings } from '../../contract/chain.js';
import { Melody } from '../voice/melody.js';
import type { SpokenFrame } from '../voice/voice-synthesis.js';
import type { CodesFile } from './codes-file.js';

/** What decoded codes can be spoken with: they hold no melody that could be followed. */
export type CodedPitch = Exclude<VoiceSettings['pitch'], 'natural'>;

/** Gives codes an F0: where they are voiced that of a melody which owes nothing to the recording, else 0. */
export class CodeMelody {
  readonly #tracks: CodesFile['tracks'];
  readonly #voicing: Uint8Array;
  readonly #melody: Melody;

  /**
   * @param voicing     see `readVoicing`
   * @param melody      with the register of the voice that speaks and the seed of the template
   */
  constructor(
    { tracks }: CodesFile,
    voicing: Uint8Array,
    melody: { readonly pitch: CodedPitch; readonly registerHz: number; readonly seed: number },
  ) {
    this.#tracks = tracks;
    this.#voicing = voicing;
    this.#melody = new Melody({ ...melody, strength: 1 });
  }

  /** @returns codes and F0 of the next 20 ms; to be asked for each frame once, in order */
  at(frame: number): SpokenFrame {
    const first = this.#tracks[0]!.codes[frame]!;
    const voiced = this.#voicing[first] === 1;
    // Whether somebody speaks is known from voicing alone: a phrase ends where nothing was voiced for long.
    const heard = { f0Hz: voiced ? 1 : 0, riseOctaves: 0, registerOctaves: null, open: voiced };
    const f0Hz = [this.#melody.next(heard), this.#melody.next(heard)] as const;
    return { first, residual: this.#tracks[1]?.codes[frame] ?? 0, f0Hz };
  }
}
