import { basename } from 'node:path';
import type { Finding } from '../contract/audio-format.js';
import { isNoNoise } from '../contract/lanes.js';
import type { LanesEntry } from '../engine/analysis/lanes-document.js';
import { clockTime, printable } from './terminal.js';

/**
 * @param notes  what was odd about the recording
 * @returns one recording's lanes as a person reads them, several lines
 */
export function analysisWords({ input, error, summary }: LanesEntry, notes: readonly Finding[] = []): string {
  const name = printable(basename(input));
  if (error !== undefined)
    return `${name}\n  cannot be analysed: ${printable(error.message)} [${error.code}]`;
  if (summary === undefined) return `${name}\n  nothing is known`;
  const { seconds, speechSeconds, unknownSeconds, noise, snrDb, f0Hz } = summary;
  const share = seconds === 0 ? 0 : speechSeconds / seconds;
  const kinds = noise
    .map(({ label, share }) => `${isNoNoise(label) ? 'no noise' : label} ${percent(share)}`)
    .join(', ');
  const rows = [
    ['length', clockTime(seconds)],
    ['speech', `${clockTime(speechSeconds)} (${percent(share)})`],
    ['noise', kinds === '' ? 'unknown' : kinds],
    ['SNR', snrDb === null ? 'unknown' : `${snrDb.toFixed(1)} dB where somebody speaks (median)`],
    ['F0', f0Hz === null ? 'unknown' : `${f0Hz.toFixed(0)} Hz (median)`],
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
