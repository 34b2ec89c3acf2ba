import { isNoNoise } from '../../../electron/contract/lanes.js';
import type { LanesSummary } from '../../../electron/contract/lanes.js';
import type { LaneReading } from '../waveform/lane-values.js';
import { formatLength, formatPercent } from './time-format.js';
import { laneWords } from './lane-words.js';

const thinSpace = '\u2009';

/** @returns `12 dB`, `−3 dB`: an estimate needs no decimals */
export function formatWholeDb(db: number): string {
  const rounded = Math.round(db);
  return `${rounded < 0 ? '\u2212' : ''}${Math.abs(rounded)}${thinSpace}dB`;
}

/** @returns `183 Hz` */
export function formatHz(hz: number): string {
  return `${Math.round(hz)}${thinSpace}Hz`;
}

/** @returns a kind of noise as the window calls it */
export function noiseName(label: string): string {
  return isNoNoise(label) ? laneWords.noNoise : label;
}

/** @returns the lanes at one moment in words: `speech 97 %, rain, 183 Hz, 12 dB`; what is unknown is said to be */
export function readingText({ speech, noise, f0Hz, snrDb }: LaneReading): string {
  if (speech === null && noise === null && f0Hz === null && snrDb === null) return laneWords.unknown;
  return [
    speech === null ? laneWords.speechUnknown : laneWords.speechIs(formatPercent(speech)),
    noise === null ? laneWords.noiseUnknown : noiseName(noise),
    f0Hz === null ? laneWords.noPitch : formatHz(f0Hz),
    snrDb === null ? laneWords.snrUnknown : formatWholeDb(snrDb),
  ].join(', ');
}

/** @returns `rain 62 %, traffic 30 %`, or that no kind was told */
export function noiseText(noise: LanesSummary['noise']): string {
  if (noise.length === 0) return laneWords.noiseNone;
  return noise.map(({ label, share }) => `${noiseName(label)} ${formatPercent(share)}`).join(', ');
}

/** @returns what the lanes say of a whole recording, as rows of a list */
export function summaryRows(summary: LanesSummary): readonly (readonly [label: string, text: string])[] {
  const { seconds, speechSeconds, unknownSeconds, snrDb, f0Hz } = summary;
  const share = (part: number) =>
    part > 0 ? laneWords.ofAll(formatLength(part), formatPercent(part / seconds)) : laneWords.none;
  const rows: (readonly [string, string])[] = [
    [laneWords.tracks.speech, share(speechSeconds)],
    [laneWords.tracks.noise, noiseText(summary.noise)],
    [laneWords.tracks.pitch, f0Hz === null ? laneWords.nothingVoiced : laneWords.median(formatHz(f0Hz))],
    [
      laneWords.tracks.snr,
      snrDb === null ? laneWords.unknown : laneWords.medianInSpeech(formatWholeDb(snrDb)),
    ],
  ];
  if (unknownSeconds > 0) rows.push([laneWords.unknownTitle, share(unknownSeconds)]);
  return rows;
}

/** @returns the same in one line, for a report */
export function summaryLine(summary: LanesSummary): string {
  return summaryRows(summary)
    .map(([label, text]) => `${label} ${text}`)
    .join(' · ');
}
