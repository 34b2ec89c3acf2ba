import { AppError } from '../../contract/app-error.js';
import type { Finding } from '../../contract/audio-format.js';
import type { Playback } from '../../contract/media.js';
import type { PlanarSamples } from '../dsp/planar.js';
import { PlaybackCache, type PlaybackFormat } from './playback-cache.js';

/**
 * The playback copy of a result. The exported file matters more than its copy: when the copy cannot be written the job goes
 * on, and a finding says so.
 */
export class ResultPlayback {
  #cache: PlaybackCache | null;
  readonly #findings: Finding[] = [];

  private constructor(cache: PlaybackCache | null) {
    this.#cache = cache;
  }

  /** @param folder  null when no copy is wanted */
  static async open(folder: string | null, format: PlaybackFormat): Promise<ResultPlayback> {
    const playback = new ResultPlayback(null);
    if (folder !== null) {
      await playback.#guarded(async () => {
        playback.#cache = await PlaybackCache.open(folder, 'result', format);
      });
    }
    return playback;
  }

  /** why there is no copy, if one was wanted */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** @param block  planar, [channels][frames]; not modified */
  async write(block: PlanarSamples): Promise<void> {
    await this.#guarded(async () => this.#cache?.write(block));
  }

  /** @returns facts of the copy; null when there is none */
  async finish(): Promise<Playback | null> {
    return (await this.#guarded(async () => this.#cache?.finish())) ?? null;
  }

  /** Removes an unfinished copy. */
  async abort(): Promise<void> {
    await this.#cache?.abort();
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      const { message } = AppError.from(error);
      const cache = this.#cache;
      this.#cache = null;
      await cache?.abort();
      this.#findings.push({
        code: 'NO_PLAYBACK',
        message: `The result is exported but cannot be played here. ${message}`,
      });
      return null;
    }
  }
}
