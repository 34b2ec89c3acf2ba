import { basename } from 'node:path';
import type { Finding } from '../contract/audio-format.js';
import { isNoNoise, type LaneName } from '../contract/lanes.js';
import type { LanesEntry } from '../engine/analysis/lanes-document.js';
import { clockTime, printable } from './terminal.js';

/** What the entry of a recording does not say. */
export interface AnalysisRemarks {
  /** what was odd about the recording */
  readonly notes: readonly Finding[];
  /** lanes that the installed net cannot tell of any recording */
  readonly untold: readonly LaneName[];
}

const cannotTell = 'not told: the installed net cannot tell it';

/** @returns one recording's lanes as a person reads them, several lines */
export function analysisWords(
  { input, error, summary }: LanesEntry,
  { notes, untold }: AnalysisRemarks = { notes: [], untold: [] },
): string {
  const name = printable(basename(input));
  if (error !== undefined)
    return `${name}\n  cannot be analysed: ${printable(error.message)} [${error.code}]`;
  if (summary === undefined) return `${name}\n  nothing is known`;
  const { seconds, speechSeconds, unknownSeconds, noise, snrDb, f0Hz } = summary;
  const share = seconds === 0 ? 0 : speechSeconds / seconds;
  const kinds = noise
    .map(({ label, share }) => `${isNoNoise(label) ? 'no noise' : label} ${percent(share)}`)
    .join(', ');
  const unknown = (lane: LaneName): string => (untold.includes(lane) ? cannotTell : 'unknown');
  const rows = [
    ['length', clockTime(seconds)],
    ['speech', `${clockTime(speechSeconds)} (${percent(share)})`],
    ['noise', kinds === '' ? unknown('noise') : kinds],
    ['SNR', snrDb === null ? 'unknown' : `${snrDb.toFixed(1)} dB where somebody speaks (median)`],
    ['F0', f0Hz === null ? unknown('f0Hz') : `${f0Hz.toFixed(0)} Hz (median)`],
    ...(unknownSeconds > 0
      ? [['unknown', `${clockTime(unknownSeconds)}: silence, music or strange sounds`]]
      : []),
    ...notes.map(({ message }) => ['note', printable(message)]),
  ];
  return [name, ...rows.map(([what, value]) => `  ${(what ?? '').padEnd(8)} ${value ?? ''}`)].join('\n');
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
