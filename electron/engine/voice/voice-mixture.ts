import { AppError } from '../../contract/app-error.js';
import type { VoiceTable } from '../models/voice-table.js';

/** Voices by name and how much of each; weights above 0, of any sum. */
export type VoiceMixture = ReadonlyMap<string, number>;

/** A voice to speak with. */
export interface TargetVoice {
  /** as the synthesis takes it, [voice size] */
  readonly vector: Float32Array;
  /** how high it speaks: its mean log F0 */
  readonly registerHz: number;
}

/**
 * Mixes voices: the weighted mean of their vectors, and of the logarithms of their registers.
 * @throws AppError INVALID_ARGUMENT when a voice is unknown or no weight is above 0
 */
export function mixedVoice({ size, voices }: VoiceTable, mixture: VoiceMixture): TargetVoice {
  const total = [...mixture.values()].reduce((sum, weight) => sum + weight, 0);
  const vector = new Float64Array(size);
  let octaves = 0;
  for (const [name, weight] of mixture) {
    const voice = voices.find((known) => known.name === name);
    if (!voice || !(weight >= 0) || !(total > 0)) {
      const message = `Expected weights of known voices, found ${weight} of "${name}". Choose among those of the installed synthesis.`;
      throw new AppError('INVALID_ARGUMENT', message);
    }
    const share = weight / total;
    octaves += share * Math.log2(voice.registerHz);
    for (let d = 0; d < size; d++) vector[d]! += share * voice.vector[d]!;
  }
  if (mixture.size > 0) return { vector: Float32Array.from(vector), registerHz: 2 ** octaves };
  throw new AppError('INVALID_ARGUMENT', 'Expected a mixture of voices, found none. Name at least one.');
}
