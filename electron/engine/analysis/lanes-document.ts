import type { LanesDocument } from '../../contract/lanes.js';
import { rounded, summarise } from './lane-summary.js';
import { laneOf, type Lanes } from './lanes.js';

/** One file in the document of `analyse --json`. */
export type LanesEntry = LanesDocument['files'][number];

/**
 * @param input  as the report names it
 * @returns the lanes as JSON holds them: null for what is unknown, probabilities with 3 decimals, Hz and dB with 1
 */
export function lanesEntry(input: string, lanes: Lanes): LanesEntry {
  return {
    input,
    frameSeconds: lanes.frameSeconds,
    lanes: {
      speech: numbers(laneOf(lanes, 'speech'), 3),
      f0Hz: numbers(laneOf(lanes, 'f0Hz'), 1),
      snrDb: numbers(laneOf(lanes, 'snrDb'), 1),
      noise: { labels: [...lanes.noiseLabels], index: numbers(laneOf(lanes, 'noise'), 0) },
    },
    events: [],
    summary: summarise(lanes),
  };
}

function numbers(lane: Float32Array, digits: number): (number | null)[] {
  return Array.from(lane, (value) => (Number.isNaN(value) ? null : rounded(value, digits)));
}
