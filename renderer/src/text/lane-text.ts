import { isNoNoise, laneNames } from '../../../electron/contract/lanes.js';
import type { LaneName, LanesSummary } from '../../../electron/contract/lanes.js';
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

/**
 * @param untold  lanes that the net cannot tell, of which nothing is said
 * @returns the lanes at one moment in words: `speech 97 %, rain, 183 Hz, 12 dB`; what is unknown is said to be
 */
export function readingText(reading: LaneReading, untold: readonly LaneName[]): string {
  const told = laneNames.filter((lane) => !untold.includes(lane));
  const { speech, noise, f0Hz, snrDb } = reading;
  if (told.every((lane) => reading[lane] === null)) return laneWords.unknown;
  // Only where something is known of the sound does a missing pitch say that nothing is voiced.
  const noPitch = speech === null ? laneWords.pitchUnknown : laneWords.noPitch;
  const texts: readonly (readonly [LaneName, string])[] = [
    ['speech', speech === null ? laneWords.speechUnknown : laneWords.speechIs(formatPercent(speech))],
    ['noise', noise === null ? laneWords.noiseUnknown : noiseName(noise)],
    ['f0Hz', f0Hz === null ? noPitch : formatHz(f0Hz)],
    ['snrDb', snrDb === null ? laneWords.snrUnknown : formatWholeDb(snrDb)],
  ];
  return texts
    .filter(([lane]) => told.includes(lane))
    .map(([, text]) => text)
    .join(', ');
}

/** @returns `Pitch and kind of noise cannot be read by this net.`; empty when it can tell everything */
export function untoldText(untold: readonly LaneName[]): string {
  const names = laneNames.filter((lane) => untold.includes(lane)).map((lane) => laneWords.inSentence[lane]);
  const last = names.pop();
  if (last === undefined) return '';
  const list = names.length > 0 ? `${names.join(', ')} ${laneWords.and} ${last}` : last;
  return laneWords.untold(list.charAt(0).toUpperCase() + list.slice(1));
}

/** @returns `rain 62 %, traffic 30 %`, or that it is unknown */
export function noiseText(noise: LanesSummary['noise']): string {
  if (noise.length === 0) return laneWords.unknown;
  return noise.map(({ label, share }) => `${noiseName(label)} ${formatPercent(share)}`).join(', ');
}

/**
 * @param untold  lanes that the net cannot tell, which get no row
 * @returns what the lanes say of a whole recording, as rows of a list
 */
export function summaryRows(
  summary: LanesSummary,
  untold: readonly LaneName[],
): readonly (readonly [label: string, text: string])[] {
  const { seconds, speechSeconds, unknownSeconds, snrDb, f0Hz } = summary;
  const share = (part: number) => laneWords.ofAll(formatLength(part), formatPercent(part / seconds));
  const noSpeech = unknownSeconds < seconds ? laneWords.none : laneWords.unknown;
  const rows: readonly (readonly [LaneName, string, string])[] = [
    ['speech', laneWords.tracks.speech, speechSeconds > 0 ? share(speechSeconds) : noSpeech],
    ['noise', laneWords.tracks.noise, noiseText(summary.noise)],
    ['f0Hz', laneWords.tracks.pitch, f0Hz === null ? laneWords.unknown : laneWords.median(formatHz(f0Hz))],
    [
      'snrDb',
      laneWords.tracks.snr,
      snrDb === null ? laneWords.unknown : laneWords.medianInSpeech(formatWholeDb(snrDb)),
    ],
  ];
  return [
    ...rows.filter(([lane]) => !untold.includes(lane)).map(([, label, text]) => [label, text] as const),
    ...(unknownSeconds > 0 ? [[laneWords.unknownTitle, share(unknownSeconds)] as const] : []),
  ];
}

/** @returns the same in one line, for a report */
export function summaryLine(summary: LanesSummary, untold: readonly LaneName[]): string {
  return summaryRows(summary, untold)
    .map(([label, text]) => `${label} ${text}`)
    .join(' · ');
}
