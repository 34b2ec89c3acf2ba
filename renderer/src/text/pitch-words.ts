import { formatHz } from './lane-text.js';
import type { PitchReading } from '../waveform/pitch-values.js';
import { words } from './words.js';

/** What the window says about F0 before and after. */
export const pitchWords = {
  title: 'F0 before and after',
  tag: 'F0',
  unvoiced: 'no voice',
  outside: 'not measured here',
  failed: (message: string) => `F0 cannot be shown. ${message}`,
} as const;

/** @returns both values at one moment: `raw 118 Hz, preview 131 Hz`; what has no F0 is said to have none */
export function pitchText(reading: PitchReading | null, version: 'result' | 'preview'): string {
  if (!reading) return pitchWords.outside;
  const hz = (value: number | null) => (value === null ? pitchWords.unvoiced : formatHz(value));
  const { versionNames } = words.transport;
  return `${versionNames.raw} ${hz(reading.rawHz)}, ${versionNames[version]} ${hz(reading.renderedHz)}`;
}
