import type { VoiceSimilarity } from '../../../electron/contract/report.js';
import { similarityText } from '../../../electron/contract/similarity-words.js';

/** What the window calls the voice of a result. */
export const similarityWords = { title: 'Voice' } as const;

/** @returns what the report says of the voice, in plain sentences */
export function similaritySentence(similarity: VoiceSimilarity): string {
  return `Against raw: ${similarityText(similarity, (value) => value.toFixed(2).replace('-', '\u2212'))}`;
}
