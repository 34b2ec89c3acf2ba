import { AppError } from '../../contract/app-error.js';
import type { ModelHost } from '../models/model-host.js';
import type { ManifestOf } from '../models/model-manifest.js';

type Encoder = ManifestOf<'voice-codes'>;

/** The two models that together speak with another voice. */
export interface VoiceModels {
  readonly codes: Encoder;
  readonly synthesis: ManifestOf<'voice-synthesis'>;
  /** of the synthesis; the level of the encoder is the caller's choice */
  readonly synthesisLevel: string;
}

/**
 * Finds an encoder at `level` and the synthesis that speaks its codes; reads no weights.
 * @throws AppError MODEL_NOT_FOUND when one of them or the level is not installed, or the synthesis learnt another codebook
 */
export function findVoiceModels(models: ModelHost, level: string): VoiceModels {
  const encoders = encodersOf(models);
  const codes = encoders.find(({ levels }) => levels.some(({ id }) => id === level));
  if (codes) return withSynthesis(models, codes);
  const found = encoders.flatMap((encoder) => encoder.levels.map(({ id }) => `${id} (${encoder.id})`));
  throw notFound(models, `an encoder of voice codes at level "${level}"`, found);
}

/**
 * Finds the encoder whose codes somebody wrote down, and the synthesis that speaks them; reads no weights.
 * @param codebooks  SHA-256 of the codebooks that the codes belong to: the first, and the residual where it was used
 * @throws AppError MODEL_NOT_FOUND, which lists the codebooks there are, when no encoder has all of them or nothing speaks them
 */
export function findModelsOfCodes(models: ModelHost, codebooks: readonly string[]): VoiceModels {
  const encoders = encodersOf(models);
  const codes = encoders.find((encoder) => {
    const own = checksumsOf(encoder);
    return codebooks.every((sha256, at) => sha256 === own[at]);
  });
  if (codes) return withSynthesis(models, codes);
  const wanted = `an encoder with the codebook${codebooks.length > 1 ? 's' : ''} ${shorts(codebooks)} of the codes`;
  const found = encoders.map((encoder) => `${shorts(checksumsOf(encoder))} (${encoder.id})`);
  if (found.length === 0) throw notFound(models, wanted, found);
  throw new AppError(
    'MODEL_NOT_FOUND',
    `Expected ${wanted}, found ${found.join(', ')}. Decode them with the models that they were encoded with, or encode the ` +
      'recording again.',
  );
}

function encodersOf(models: ModelHost): Encoder[] {
  return models.list().filter((manifest) => manifest.runner === 'voice-codes');
}

function checksumsOf({ codebooks: { first, residual } }: Encoder): string[] {
  return [first.sha256, residual.sha256];
}

function withSynthesis(models: ModelHost, codes: Encoder): VoiceModels {
  const { sha256 } = codes.codebooks.first;
  const speakers = models.list().filter((manifest) => manifest.runner === 'voice-synthesis');
  const synthesis = speakers.find(({ codebookSha256 }) => codebookSha256 === sha256);
  if (synthesis) return { codes, synthesis, synthesisLevel: synthesis.levels[0]!.id };
  const found = speakers.map(({ id, codebookSha256 }) => `${id} (codebook ${shorts([codebookSha256])})`);
  throw notFound(models, `a voice synthesis for the codebook ${shorts([sha256])} of "${codes.id}"`, found);
}

/** Enough of each checksum for a person to tell two apart. */
function shorts(checksums: readonly string[]): string {
  return checksums.map((sha256) => sha256.slice(0, 8)).join(' + ');
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
