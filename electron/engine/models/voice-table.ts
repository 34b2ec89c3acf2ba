import { z } from 'zod';
import { AppError } from '../../contract/app-error.js';
import type { ModelHost } from './model-host.js';
import type { ManifestOf } from './model-manifest.js';

const voiceTableSchema = z
  .object({
    schema: z.literal('sotto.voices/1'),
    /** values of one vector */
    size: z.number().int().positive(),
    voices: z
      .array(
        z.object({
          /** language, then f or m, underscore, name: `af_heart` is an American woman's */
          name: z.string().regex(/^[a-z][fm]_[a-z]+$/),
          /** how high it speaks: its mean log F0 */
          registerHz: z.number().positive(),
          vector: z.array(z.number()),
        }),
      )
      .min(1),
  })
  .refine(
    ({ size, voices }) => voices.every(({ vector }) => vector.length === size),
    'every vector must have `size` values',
  );

/** `voices.json` beside a synthesis: the synthetic voices that any voice is a mixture of. */
export type VoiceTable = z.infer<typeof voiceTableSchema>;

/**
 * Reads the table of voices of a synthesis.
 * @throws AppError MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH; MODEL_FAILED when it is none
 */
export async function readVoiceTable(
  models: ModelHost,
  { id, voices }: ManifestOf<'voice-synthesis'>,
): Promise<VoiceTable> {
  const text = Buffer.from(await models.fileOf(id, voices)).toString('utf8');
  const result = voiceTableSchema.safeParse(json(text));
  if (result.success) return result.data;
  const problem = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new AppError(
    'MODEL_FAILED',
    `Expected a table of voices in ${voices.file} of "${id}", found another content (${problem}). Restore the model's folder.`,
  );
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // What is no JSON fails the schema, whose message names the file.
    return String(error);
  }
}
