import type { LoudnessReport } from '../../contract/report.js';
import { LoudnessMeter, matchedLoudness } from '../dsp/loudness.js';
import type { PlanarSamples } from '../dsp/planar.js';
import { playable } from './playable.js';

/** Measures raw and result while they pass, as they can be heard, for a fair comparison afterwards. */
export class LevelTaps {
  readonly #raw: LoudnessMeter;
  readonly #result: LoudnessMeter | null;

  /** @param changed  whether any stage runs; without one raw and result are the same and measured once */
  constructor(sampleRateHz: number, channels: number, changed: boolean) {
    this.#raw = new LoudnessMeter(sampleRateHz, channels);
    this.#result = changed ? new LoudnessMeter(sampleRateHz, channels) : null;
  }

  /** @param block  as decoded; not modified */
  pushRaw(block: PlanarSamples): void {
    this.#raw.push(playable(block));
  }

  /** @param block  as it goes to the writer; not modified */
  pushResult(block: PlanarSamples): void {
    this.#result?.push(playable(block));
  }

  /** @returns the levels of everything that passed */
  report(): LoudnessReport {
    const raw = this.#raw.blocks();
    return matchedLoudness(raw, this.#result?.blocks() ?? raw);
  }
}
