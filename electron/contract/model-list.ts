import { z } from 'zod';

/** Models that the voice stage needs, both of them. The level in its settings is that of `codes`, the encoder. */
export const voiceModelIds = { codes: 'voice-codes', synthesis: 'voice-synthesis' } as const;

/** The document that `models list --json` prints. */
export const modelListSchema = z.object({
  schema: z.literal('sotto.models/1'),
  models: z.array(
    z.object({
      id: z.string(),
      stage: z.string(),
      title: z.string(),
      licence: z.string(),
      levels: z.array(
        z.object({
          id: z.string(),
          sizeBytes: z.number().int(),
          sha256: z.string(),
          /** one line for a person */
          title: z.string().optional(),
          /** whether it computes only the channels that its own gates leave on */
          gates: z.boolean().optional(),
          /** multiply-accumulates of one frame with every channel on, those of the gates included */
          macsPerFrame: z.number().optional(),
        }),
      ),
    }),
  ),
});

/** @see modelListSchema */
export type ModelList = z.infer<typeof modelListSchema>;
