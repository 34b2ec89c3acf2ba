import type { VoiceSimilarity } from '../contract/report.js';

const readings: Record<VoiceSimilarity['reading'], string> = {
  same: 'as alike as two recordings of one person',
  unclear: 'neither clearly alike nor clearly unlike',
  different: 'as unlike as two strangers',
  'too-little-speech': 'not measured, less than a second of speech was found',
};

/** @returns one line for a person: how alike the voice of the result is to the raw one, and what to read it by */
export function similarityLine({ cosine, reading, calibration }: VoiceSimilarity): string {
  if (cosine === null) return `voice against raw: ${readings[reading]}`;
  const range = ({ low, high }: { low: number; high: number }): string =>
    `${low.toFixed(2)} to ${high.toFixed(2)}`;
  const { same, different } = calibration;
  return (
    `voice against raw: ${readings[reading]} (similarity ${cosine.toFixed(2)}; one person mostly ${range(same)}, strangers ` +
    `${range(different)}). One listener's measure, not a promise: whoever knows this tool tells voices better.`
  );
}
