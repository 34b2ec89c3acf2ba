import type { VoiceSimilarity } from './report.js';

const readings: Record<VoiceSimilarity['reading'], string> = {
  same: 'as alike as two recordings of one person',
  unclear: 'neither clearly alike nor clearly unlike',
  different: 'as unlike as two strangers',
  'too-little-speech': 'not measured, less than a second of speech was found',
};

/**
 * How alike the voice of a result is to the raw one, and what to read it by, in the window as on the command line. It is measured by
 * one listener and promises nothing.
 * @param similarity  what a report says of it
 * @param numberText  writes a cosine
 * @returns sentences of which the first goes on after "voice against raw:"
 */
export function similarityText(
  { cosine, reading, backgroundHeard, calibration, model }: VoiceSimilarity,
  numberText: (value: number) => string,
): string {
  if (cosine === null) return `${readings[reading]}.`;
  const range = ({ low, high }: { low: number; high: number }): string =>
    `${numberText(low)} to ${numberText(high)}`;
  const { same, different } = calibration;
  const background = backgroundHeard ? ', the background was heard too' : '';
  return (
    `${readings[reading]}${background} (similarity ${numberText(cosine)}; one person mostly ${range(same)}, strangers ${range(different)}). ` +
    `The measure of one listener (${model.model}, ${model.level}), not a promise: whoever knows this tool tells voices better.`
  );
}
