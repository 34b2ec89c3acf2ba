import type { LoudnessReport } from '../../contract/report.js';
import { speechBlocks } from '../analysis/speech-blocks.js';
import type { Lanes } from '../analysis/lanes.js';
import { LoudnessMeter, matchedLoudness, stepsPerBlock, type LoudnessBlocks } from '../dsp/loudness.js';
import type { PlanarSamples } from '../dsp/planar.js';
import { playable } from './playable.js';

/** With less speech, or with fewer blocks of it, speech says too little of a whole recording. */
const leastSpeechSeconds = 3;

/** What is known of a recording's speech. */
export interface KnownSpeech {
  readonly lanes: Lanes;
  readonly speechSeconds: number;
}

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

  /**
   * @param speech  where somebody speaks, so that both are compared over that; null where nobody knows
   * @returns the levels of everything that passed
   */
  report(speech: KnownSpeech | null = null): LoudnessReport {
    const raw = this.#raw.blocks();
    return matchedLoudness(raw, this.#result?.blocks() ?? raw, blocksOf(speech, raw));
  }
}

function blocksOf(
  speech: KnownSpeech | null,
  { stepSeconds, blockPowers }: LoudnessBlocks,
): Uint8Array | null {
  if (speech === null || speech.speechSeconds < leastSpeechSeconds) return null;
  const marks = speechBlocks(speech.lanes, stepSeconds, stepsPerBlock * stepSeconds, blockPowers.length);
  // Words that are scattered over a recording may fill hardly a block to half, however long they are together.
  const marked = marks.reduce((sum, mark) => sum + mark, 0);
  return marked * stepSeconds < leastSpeechSeconds ? null : marks;
}
