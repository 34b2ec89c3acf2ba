import { z } from 'zod';
import { appErrorDataSchema } from './app-error.js';
import { findingSchema } from './audio-format.js';

/** The document that `encode --json` and `decode --json` print. Optional fields are missing where the run failed before they were known. */
export const codesDocumentSchema = z.object({
  schema: z.literal('sotto.codes/1'),
  input: z.string(),
  output: z.string().nullable(),
  /** the file of the speaker's voice that was written too, where it was asked for */
  speaker: z.string().optional(),
  status: z.enum(['done', 'failed', 'skipped']),
  error: appErrorDataSchema.optional(),
  /** of the recording that was encoded */
  sampleRateHz: z.number().int().optional(),
  sampleFrames: z.number().int().optional(),
  clarity: z.enum(['strict', 'balanced']).optional(),
  /** of the .codes file */
  sizeBytes: z.number().int().optional(),
  warnings: z.array(findingSchema).optional(),
});

/** @see codesDocumentSchema */
export type CodesDocument = z.infer<typeof codesDocumentSchema>;
