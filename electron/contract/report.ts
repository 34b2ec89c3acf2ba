import { z } from 'zod';
import { appErrorDataSchema } from './app-error.js';
import { audioFactsSchema, findingSchema } from './audio-format.js';
import { leakSchema } from './inspection.js';
import { lanesSummarySchema } from './lanes.js';

/** A stage as it really ran: models, weights and strength. */
export const stageReportSchema = z.object({
  stage: z.string(),
  model: z.string().nullable(),
  level: z.string().nullable(),
  sha256: z.string().nullable(),
  /** what ran after `model`, as the synthesis after the encoder of another voice; missing where one model is all */
  furtherModels: z.array(z.object({ model: z.string(), level: z.string(), sha256: z.string() })).optional(),
  strength: z.number(),
});

/** @see stageReportSchema */
export type StageReport = z.infer<typeof stageReportSchema>;

/** Proof that the written file holds only allow-listed parts: every byte belongs to one of them. */
export const proofSchema = z.object({
  clean: z.literal(true),
  sizeBytes: z.number().int().nonnegative(),
  /** the file's parts in order (equal neighbours are summed up); their bytes add up to `sizeBytes` */
  parts: z.array(z.object({ part: z.string(), bytes: z.number().int().nonnegative() })),
});

/** @see proofSchema */
export type Proof = z.infer<typeof proofSchema>;

/** Levels measured over the same gated blocks of raw and result (ITU-R BS.1770-5); null for silence. */
export const loudnessReportSchema = z.object({
  rawLufs: z.number().nullable(),
  resultLufs: z.number().nullable(),
  /** `speech`: blocks with speech; `gated`: blocks above the relative gate of the result, where none is known; `ungated`: shorter than 3 s */
  method: z.enum(['speech', 'gated', 'ungated']),
});

/** @see loudnessReportSchema */
export type LoudnessReport = z.infer<typeof loudnessReportSchema>;

const cosine = z.number().min(-1).max(1);
const cosineRangeSchema = z.object({ low: cosine, high: cosine });

/**
 * How alike the voices of raw and result are to one small embedder: one listener's measure and no promise. Figures of the raw recording
 * are in it, by which a candidate could be confirmed as the source: shared are only the reading, the model and its calibration.
 */
export const voiceSimilaritySchema = z.object({
  /** which weights listened */
  model: z.object({ model: z.string(), level: z.string(), sha256: z.string() }),
  /** of speech that was compared, at most about a minute, spread over the recording */
  speechSeconds: z.object({ raw: z.number().nonnegative(), result: z.number().nonnegative() }),
  /** of the two embeddings, 1 for equal ones; null where there was less than a second of speech in raw or result */
  cosine: cosine.nullable(),
  /**
   * `same`: as recordings of one person, higher than nearly all strangers; `different`: as strangers, lower than nearly all of one
   * person; `unclear`: neither, or what would be `different` with the background heard too
   */
  reading: z.enum(['same', 'unclear', 'different', 'too-little-speech']),
  /** whether the raw recording is known to be so noisy that what was taken away of it makes voices look unlike as well */
  backgroundHeard: z.boolean(),
  /** what was measured on other speakers, to read it by: 90 of 100 pairs lie between `low` and `high` */
  calibration: z.object({
    /** at which one person is missed as often as two are taken for one */
    equalErrorCosine: cosine,
    same: cosineRangeSchema,
    different: cosineRangeSchema,
  }),
});

/** @see voiceSimilaritySchema */
export type VoiceSimilarity = z.infer<typeof voiceSimilaritySchema>;

/** Everything known about one processed input. Optional fields are missing where the file failed before they were known. */
export const fileReportSchema = z.object({
  input: z.string(),
  output: z.string().nullable(),
  status: z.enum(['done', 'failed', 'skipped']),
  error: appErrorDataSchema.optional(),
  sampleRateHz: z.number().int().optional(),
  channels: z.number().int().optional(),
  sampleFrames: z.number().int().optional(),
  seconds: z.number().optional(),
  /** seconds of audio per second of wall time */
  realTimeFactor: z.number().optional(),
  source: audioFactsSchema.optional(),
  outputFormat: z.string().optional(),
  stages: z.array(stageReportSchema).optional(),
  /** what the container gave away and the result no longer holds */
  removed: z.array(leakSchema).optional(),
  warnings: z.array(findingSchema).optional(),
  loudness: loudnessReportSchema.optional(),
  /** what the lanes say of the raw recording; missing where no stage ran or no gated net is installed */
  lanes: lanesSummarySchema.optional(),
  /** missing where no stage changes the voice, or no speaker embedder is installed */
  voiceSimilarity: voiceSimilaritySchema.optional(),
  clippedSamples: z.number().int().nonnegative().optional(),
  /** wall seconds in which each part of the pipeline was busy; parts overlap, so they add up to more than the whole */
  busySeconds: z.record(z.string(), z.number()).optional(),
  proof: proofSchema.optional(),
  outputSha256: z.string().optional(),
});

/** @see fileReportSchema */
export type FileReport = z.infer<typeof fileReportSchema>;

/** The internal report of one run: `sanitize --json FILE`. */
export const reportSchema = z.object({
  schema: z.literal('sotto.report/1'),
  files: z.array(fileReportSchema),
});

/** @see reportSchema */
export type Report = z.infer<typeof reportSchema>;
