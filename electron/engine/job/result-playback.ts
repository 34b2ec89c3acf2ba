import { AppError } from '../../contract/app-error.js';
import type { Finding } from '../../contract/audio-format.js';
import type { Playback } from '../../contract/media.js';
import type { Planar, PlanarSamples } from '../dsp/planar.js';
import { writePitchFile } from './pitch-file.js';
import { PitchPair } from './pitch-pair.js';
import { PlaybackCache, type PlaybackFormat } from './playback-cache.js';

/**
 * The playback copy of a result. The exported file matters more than its copy: when the copy cannot be written the job goes
 * on, and a finding says so.
 */
export class ResultPlayback {
  readonly #folder: string | null;
  #cache: PlaybackCache | null = null;
  #pitch: PitchPair | null = null;
  readonly #findings: Finding[] = [];

  private constructor(folder: string | null) {
    this.#folder = folder;
  }

  /**
   * @param folder  null when no copy is wanted
   * @param pitch   whether F0 of raw and result is wanted beside the copy; blocks must then be float32 and finite
   */
  static async open(folder: string | null, format: PlaybackFormat, pitch = false): Promise<ResultPlayback> {
    const playback = new ResultPlayback(folder);
    if (folder !== null) {
      await playback.#guarded(async () => {
        playback.#cache = await PlaybackCache.open(folder, 'result', format);
        if (pitch) playback.#pitch = await PitchPair.open(format.sampleRateHz, format.channels);
      });
    }
    return playback;
  }

  /** why there is no copy, if one was wanted */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** @param block  of the raw recording, planar, [channels][frames], whose F0 is measured; not modified, not kept */
  async pushRaw(block: Planar): Promise<void> {
    await this.#guarded(() => this.#pitch?.pushRaw(block));
  }

  /** @param block  of the result, planar, [channels][frames], whose F0 is measured; not modified, not kept */
  async pushResult(block: PlanarSamples): Promise<void> {
    // Where F0 is wanted blocks are float32.
    await this.#guarded(() => this.#pitch?.pushResult(block as Planar));
  }

  /** @param block  planar, [channels][frames]; not modified */
  async write(block: PlanarSamples): Promise<void> {
    await this.#guarded(() => this.#cache?.write(block));
  }

  /** @returns facts of the copy; null when there is none */
  async finish(): Promise<Playback | null> {
    const folder = this.#folder;
    const pitch = this.#pitch;
    const written = await this.#guarded(async () => {
      const f0Frames =
        pitch === null || folder === null ? null : await writePitchFile(folder, 'result', pitch.finish());
      const copy = await this.#cache?.finish();
      return copy === undefined || f0Frames === null ? copy : { ...copy, f0Frames };
    });
    return written ?? null;
  }

  /** Removes an unfinished copy and frees what was open. */
  async abort(): Promise<void> {
    this.#pitch?.close();
    await this.#cache?.abort();
  }

  async #guarded<T>(work: () => T | Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      // What was still under way fails too once the files are closed.
      if (this.#findings.length > 0) return null;
      const { message } = AppError.from(error);
      const cache = this.#cache;
      this.#cache = null;
      this.#pitch?.close();
      this.#pitch = null;
      this.#findings.push({
        code: 'NO_PLAYBACK',
        message: `The result is exported but cannot be played here. ${message}`,
      });
      await cache?.abort();
      return null;
    }
  }
}
