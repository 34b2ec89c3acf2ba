import { z } from 'zod';
import { findingSchema } from './audio-format.js';
import { playbackSchema } from './media.js';
import { loudnessReportSchema } from './report.js';

/** A stretch of a recording in sample frames, end exclusive. */
export const stretchSchema = z
  .object({ startFrame: z.number().int().nonnegative(), endFrame: z.number().int().positive() })
  .refine(({ startFrame, endFrame }) => endFrame > startFrame, {
    error: 'Expected a stretch that ends behind its start',
  });

/** @see stretchSchema */
export type Stretch = z.infer<typeof stretchSchema>;

/** A stretch as the chain makes it sound. */
export const previewSchema = z.object({
  /** of `preview.pcm`, which holds the stretch and nothing else */
  playback: playbackSchema,
  /** of the stretch alone */
  loudness: loudnessReportSchema,
  /** what whoever hears it must know of the stages that ran, apart from what only the whole recording can say */
  warnings: z.array(findingSchema),
});

/** @see previewSchema */
export type Preview = z.infer<typeof previewSchema>;
