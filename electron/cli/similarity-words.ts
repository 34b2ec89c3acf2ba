import type { VoiceSimilarity } from '../contract/report.js';
import { similarityText } from '../contract/similarity-words.js';

/** @returns one line for a person: how alike the voice of the result is to the raw one, and what to read it by */
export function similarityLine(similarity: VoiceSimilarity): string {
  return `voice against raw: ${similarityText(similarity, (value) => value.toFixed(2))}`;
}
