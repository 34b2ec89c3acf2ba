import { z } from 'zod';
import { exportPolicySchema } from './preset.js';
import { chainSettingsSchema } from './chain.js';

/** Progress of one recording through the engine. */
export const progressSchema = z.object({
  /**
   * `prepare`: raw playback copy and peaks; `analyse`: the lanes; `preview`: a stretch through the chain; `process`: the chain and the
   * export; `prove`: the written file is re-read
   */
  phase: z.enum(['prepare', 'analyse', 'preview', 'process', 'prove']),
  /** 0..1 of the phase; null while the length is not known */
  fraction: z.number().min(0).max(1).nullable(),
  processedSeconds: z.number(),
  /** wall seconds left in the phase; null until it can be told */
  etaSeconds: z.number().nullable(),
  /** seconds of audio per second of wall time so far */
  realTimeFactor: z.number().nullable(),
});

/** @see progressSchema */
export type Progress = z.infer<typeof progressSchema>;

/** What to do with one recording, as both the window and the command line say it. */
export const jobSettingsSchema = z.object({
  chain: chainSettingsSchema,
  export: exportPolicySchema,
});

/** @see jobSettingsSchema */
export type JobSettings = z.infer<typeof jobSettingsSchema>;
