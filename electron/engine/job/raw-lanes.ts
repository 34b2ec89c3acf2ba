import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../contract/app-error.js';
import type { Finding } from '../../contract/audio-format.js';
import { openDirectLaneMeter, type LaneMeter, type LaneStream } from '../analysis/lane-meter.js';
import type { Lanes } from '../analysis/lanes.js';
import { hasLanes, readLaneNet } from '../analysis/open-lane-net.js';
import { ThreadedLaneMeter } from '../analysis/threaded-lane-meter.js';
import type { Planar } from '../dsp/planar.js';
import type { ModelHost } from '../models/model-host.js';

/** Blocks that may wait to be measured; then the chain waits, so that memory does not grow where lanes are the slowest part. */
const mostWaiting = 4;

/**
 * The lanes of a recording, measured while it passes on its way through the chain. The result matters more: where the lanes cannot
 * be measured the job goes on without them, and a finding says so. Where no net with probes is installed there is nothing to say.
 */
export class RawLanes {
  #meter: LaneMeter | null = null;
  /** blocks under way, oldest first; none of them rejects */
  readonly #waiting: Promise<void>[] = [];
  readonly #findings: Finding[] = [];
  #closed = false;

  /**
   * @param stream      null when no lanes are wanted
   * @param threadFile  built `lane-thread.js`; null measures on the calling thread
   */
  static async open(
    stream: LaneStream | null,
    models: ModelHost,
    threadFile: string | null = builtLaneThread(),
  ): Promise<RawLanes> {
    const lanes = new RawLanes();
    if (stream === null || !hasLanes(models)) return lanes;
    try {
      const source = await readLaneNet(models);
      lanes.#meter =
        threadFile === null
          ? await openDirectLaneMeter(stream, source)
          : await ThreadedLaneMeter.open(stream, source, threadFile);
    } catch (error) {
      lanes.#giveUp(error);
    }
    return lanes;
  }

  /** Whether anything is measured. */
  get active(): boolean {
    return this.#meter !== null;
  }

  /** why there are none, where there could be */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /**
   * @param block  as decoded; not modified, not kept
   * @param watch  sees the measuring of each block, from here to its end
   * @returns when there is room for the next; never rejects
   */
  async push(block: Planar, watch: (measuring: () => Promise<void>) => Promise<void>): Promise<void> {
    const meter = this.#meter;
    if (meter === null) return;
    this.#waiting.push(watch(() => meter.push(block)).catch((error: unknown) => this.#giveUp(error)));
    if (this.#waiting.length >= mostWaiting) await this.#waiting.shift();
  }

  /** @returns null where there are none, or where some frames could not be measured */
  async finish(): Promise<Lanes | null> {
    await Promise.all(this.#waiting.splice(0));
    try {
      return (await this.#meter?.finish()) ?? null;
    } catch (error) {
      this.#giveUp(error);
      return null;
    }
  }

  /** Ends the thread; may be called more than once. */
  async close(): Promise<void> {
    const meter = this.#meter;
    this.#meter = null;
    this.#closed = true;
    await meter?.close();
    await Promise.all(this.#waiting.splice(0));
  }

  #giveUp(error: unknown): void {
    // What was under way when it failed or was closed fails as well, and has nothing to add.
    if (this.#closed || this.#findings.length > 0) return;
    void this.#meter?.close();
    this.#meter = null;
    const { message } = AppError.from(error);
    this.#findings.push({
      code: 'NO_LANES',
      message: `The result is complete, but where speech is in the recording is not known. ${message}`,
    });
  }
}

/** @returns the thread's file beside the running code, where the build puts it; null for sources, which tests run from */
function builtLaneThread(): string | null {
  const file = join(import.meta.dirname, 'lane-thread.js');
  return existsSync(file) ? file : null;
}
