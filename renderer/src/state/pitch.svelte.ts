import { AppError } from '../../../electron/contract/app-error.js';
import type { ApiClient } from '../api/client.js';
import { loadPitch } from '../waveform/pitch-values.js';
import type { PitchValues } from '../waveform/pitch-values.js';
import type { RenderedSide } from './loaded.js';
import type { PlayerState } from './player.svelte.js';
import type { QueueState } from './queue.svelte.js';

/** Where the F0 of a rendered version lies. */
interface PitchSource {
  readonly url: string;
  readonly frames: number;
  readonly startSeconds: number;
  readonly side: RenderedSide;
  readonly version: number;
}

/** F0 before and after, of the rendered version that is compared with raw. Without one that changes the voice there is none. */
export class PitchState {
  readonly #client: ApiClient;
  readonly #queue: QueueState;
  readonly #player: PlayerState;
  #values = $state.raw<PitchValues | null>(null);
  #readError = $state.raw<string | null>(null);

  readonly #source = $derived.by((): PitchSource | null => {
    const item = this.#queue.selected;
    const side = this.#player.renderedSide;
    if (!item) return null;
    const made = side === 'preview' ? item.preview : item.result;
    const { f0Frames, sampleRateHz } = made?.playback ?? {};
    if (!made || f0Frames === undefined || sampleRateHz === undefined) return null;
    const startFrame = side === 'preview' ? (item.preview?.range.start ?? 0) : 0;
    return {
      url: this.#client.mediaUrl(item.id, `${side}.f0`),
      ...{ frames: f0Frames, startSeconds: startFrame / sampleRateHz, side, version: made.version },
    };
  });

  /** @param player  says which rendered version is compared */
  constructor(client: ApiClient, queue: QueueState, player: PlayerState) {
    this.#client = client;
    this.#queue = queue;
    this.#player = player;
  }

  /** Null while there is nothing to compare. */
  get values(): PitchValues | null {
    return this.#values;
  }

  /** Which version is compared with raw. */
  get side(): RenderedSide {
    return this.#source?.side ?? 'result';
  }

  /** Why an F0 file that exists cannot be shown; null when all is well. */
  get readError(): string | null {
    return this.#readError;
  }

  /** Begins to follow what is shown. @returns function that ends it */
  start(): () => void {
    return $effect.root(() => {
      $effect(() => {
        const source = this.#source;
        if (!source) return;
        const closing = new AbortController();
        loadPitch(source.url, source.frames, source.startSeconds, closing.signal).then(
          (values) => {
            if (!closing.signal.aborted) this.#values = values;
          },
          (error: unknown) => {
            // What was left while it was being read is not missed.
            if (!closing.signal.aborted) this.#readError = AppError.from(error).message;
          },
        );
        return () => {
          closing.abort();
          this.#values = null;
          this.#readError = null;
        };
      });
    });
  }
}
