import { AppError } from '../../contract/app-error.js';
import type { ModelHost } from '../models/model-host.js';
import type { ManifestOf } from '../models/model-manifest.js';

/** The two models that together speak with another voice. */
export interface VoiceModels {
  readonly codes: ManifestOf<'voice-codes'>;
  readonly synthesis: ManifestOf<'voice-synthesis'>;
  /** of the synthesis; the level of the encoder is the caller's choice */
  readonly synthesisLevel: string;
}

/**
 * Finds an encoder at `level` and the synthesis that speaks its codes; reads no weights.
 * @throws AppError MODEL_NOT_FOUND when one of them or the level is not installed, or the synthesis learnt another codebook
 */
export function findVoiceModels(models: ModelHost, level: string): VoiceModels {
  const encoders = models.list().filter((manifest) => manifest.runner === 'voice-codes');
  const codes = encoders.find(({ levels }) => levels.some(({ id }) => id === level));
  if (!codes) {
    const found = encoders.flatMap((encoder) => encoder.levels.map(({ id }) => `${id} (${encoder.id})`));
    throw notFound(models, `an encoder of voice codes at level "${level}"`, found);
  }
  const speakers = models.list().filter((manifest) => manifest.runner === 'voice-synthesis');
  const synthesis = speakers.find(({ codebookSha256 }) => codebookSha256 === codes.codebooks.first.sha256);
  if (!synthesis) {
    const found = speakers.map(({ id, codebookSha256 }) => `${id} (codebook ${codebookSha256.slice(0, 8)})`);
    const wanted = `a voice synthesis for the codebook ${codes.codebooks.first.sha256.slice(0, 8)} of "${codes.id}"`;
    throw notFound(models, wanted, found);
  }
  return { codes, synthesis, synthesisLevel: synthesis.levels[0]!.id };
}

function notFound({ problems }: ModelHost, wanted: string, found: readonly string[]): AppError {
  const also = problems.length > 0 ? ` Left out: ${problems.join(' ')}` : '';
  return new AppError(
    'MODEL_NOT_FOUND',
    `Expected ${wanted}, found ${found.join(', ') || 'none'}. Another voice, encode and decode need the models voice-codes and ` +
      `voice-synthesis, which this version does not bring yet. Nothing was written. "--voice disguise" runs without them, but is no ` +
      `protection.${also}`,
    { problems },
  );
}
