import { z } from 'zod';

const tensorSchema = z.object({
  name: z.string(),
  /** numbers are fixed, names are free dimensions */
  shape: z.array(z.union([z.number().int().positive(), z.string()])),
  role: z.string(),
});

/** `model.json` of one folder in `native-models/`: everything the product knows about a model. */
export const modelManifestSchema = z.object({
  schema: z.literal('sotto.model/1'),
  id: z.string().regex(/^[a-z0-9-]+$/),
  stage: z.string(),
  title: z.string(),
  licence: z.string(),
  runner: z.enum(['spectral-mask']),
  sampleRateHz: z.number().int().positive(),
  fftSize: z.number().int().positive(),
  hopSamples: z.number().int().positive(),
  window: z.literal('sqrt-hann-periodic'),
  /** frames of past that a chunk must carry so that its outputs equal those of one long run */
  contextFrames: z.number().int().nonnegative(),
  latencyFrames: z.literal(0),
  inputs: z.array(tensorSchema),
  outputs: z.array(tensorSchema),
  levels: z
    .array(
      z.object({
        id: z.string(),
        file: z.string(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        sizeBytes: z.number().int().positive(),
        /** one line for a person: what this level is for */
        title: z.string().optional(),
        /** whether the graph also has the output `gates`, and computes only channels that they leave on */
        gates: z.boolean().optional(),
        /** multiply-accumulates of one frame with every channel on, those of the gates included */
        macsPerFrame: z.number().positive().optional(),
      }),
    )
    .min(1),
  /** what the gates of one level tell about the sound, see `probe-table.ts` */
  probes: z
    .object({
      file: z.string(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      sizeBytes: z.number().int().positive(),
      /** id of the gated level they were fitted on */
      level: z.string(),
    })
    .optional(),
  golden: z.object({ file: z.string(), maxAbsoluteError: z.number().positive() }),
  measures: z.string(),
});

/** @see modelManifestSchema */
export type ModelManifest = z.infer<typeof modelManifestSchema>;
