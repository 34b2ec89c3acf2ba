import { z } from 'zod';
import { appErrorDataSchema } from './app-error.js';
import { audioFactsSchema, findingSchema } from './audio-format.js';

/** One piece of information in the container that is not sound. */
export const leakSchema = z.object({
  /** where it stands: `bext.originatorReference`, `id3v2.TPE1`, `vorbis.ARTIST`, `udta.©xyz`, `file.modified` ... */
  where: z.string(),
  /** what it tells a stranger, in words: "recorder serial number", "place", "time of recording" */
  meaning: z.string(),
  /** `person` and `place` and `device` identify; `time` narrows down; `text` may hold anything; `technical` rarely matters */
  kind: z.enum(['person', 'place', 'device', 'time', 'text', 'picture', 'technical']),
  /** the value, shortened to 200 characters; binary parts as a size in words */
  value: z.string(),
});

/** @see leakSchema */
export type Leak = z.infer<typeof leakSchema>;

/** What one recording's container gives away before it is sanitised. */
export const inspectionSchema = z.object({
  input: z.string(),
  facts: audioFactsSchema.nullable(),
  leaks: z.array(leakSchema),
  warnings: z.array(findingSchema),
  error: appErrorDataSchema.optional(),
});

/** @see inspectionSchema */
export type Inspection = z.infer<typeof inspectionSchema>;

/** The document that `inspect --json` prints. */
export const inspectionDocumentSchema = z.object({
  schema: z.literal('sotto.inspection/1'),
  files: z.array(inspectionSchema),
});
