import { AppError } from '../../contract/app-error.js';
import type { Finding } from '../../contract/audio-format.js';
import { LaneAnalyser } from '../analysis/lane-analyser.js';
import type { Lanes } from '../analysis/lanes.js';
import { hasLanes, openLaneNet } from '../analysis/open-lane-net.js';
import type { Planar } from '../dsp/planar.js';
import type { ModelHost } from '../models/model-host.js';

/**
 * The lanes of a recording, measured while it passes on its way through the chain. The result matters more: where the lanes cannot
 * be measured the job goes on without them, and a finding says so. Where no net with probes is installed there is nothing to say.
 */
export class RawLanes {
  #analyser: LaneAnalyser | null = null;
  readonly #findings: Finding[] = [];

  /** @param format  null when no lanes are wanted */
  static async open(
    format: { readonly sampleRateHz: number; readonly channels: number } | null,
    models: ModelHost,
  ): Promise<RawLanes> {
    const lanes = new RawLanes();
    if (format === null || !hasLanes(models)) return lanes;
    try {
      const net = await openLaneNet(models);
      lanes.#analyser = await LaneAnalyser.open(format.sampleRateHz, format.channels, net);
    } catch (error) {
      lanes.#giveUp(error);
    }
    return lanes;
  }

  /** Whether anything is measured. */
  get active(): boolean {
    return this.#analyser !== null;
  }

  /** why there are none, where there could be */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** @param block  as decoded; not modified, not kept */
  push(block: Planar): void {
    try {
      this.#analyser?.push(block);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** @returns null where there are none, or where the last frames could not be measured */
  finish(): Lanes | null {
    try {
      return this.#analyser?.finish() ?? null;
    } catch (error) {
      this.#giveUp(error);
      return null;
    }
  }

  /** Frees the transform; may be called more than once. */
  close(): void {
    this.#analyser?.close();
    this.#analyser = null;
  }

  #giveUp(error: unknown): void {
    this.close();
    const { message } = AppError.from(error);
    this.#findings.push({
      code: 'NO_LANES',
      message: `The result is complete, but where speech is in the recording is not known. ${message}`,
    });
  }
}
