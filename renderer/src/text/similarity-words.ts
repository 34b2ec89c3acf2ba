import type { VoiceSimilarity } from '../../../electron/contract/report.js';

/** What the window says about how alike the voice of a result is to the raw one. It is measured by one listener and promises nothing. */
export const similarityWords = {
  title: 'Voice',
  readings: {
    same: 'as alike to the raw voice as two recordings of one person',
    unclear: 'neither clearly like the raw voice nor clearly unlike it',
    different: 'as unlike the raw voice as two strangers',
  } satisfies Record<Exclude<VoiceSimilarity['reading'], 'too-little-speech'>, string>,
  measured: (reading: string, cosine: string, person: string, strangers: string) =>
    `In the result ${reading}: similarity ${cosine}, where two recordings of one person mostly reach ${person}, and two strangers ${strangers}.`,
  range: (low: string, high: string) => `${low} to ${high}`,
  tooLittle: 'Less than a second of speech was found: how alike the voices are was not measured.',
  limits: (model: string, level: string) =>
    `One listener’s measure (${model}, ${level}), not a promise: whoever knows this tool tells voices better.`,
} as const;

const digits = 2;

/** @returns what the report says of the voice, in plain sentences */
export function similaritySentence({ cosine, reading, calibration, model }: VoiceSimilarity): string {
  if (cosine === null || reading === 'too-little-speech') return similarityWords.tooLittle;
  const said = (value: number): string => value.toFixed(digits).replace('-', '\u2212');
  const range = ({ low, high }: { low: number; high: number }): string =>
    similarityWords.range(said(low), said(high));
  const { same, different } = calibration;
  const measured = similarityWords.measured(
    similarityWords.readings[reading],
    said(cosine),
    range(same),
    range(different),
  );
  return `${measured} ${similarityWords.limits(model.model, model.level)}`;
}
