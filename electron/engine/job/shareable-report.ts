import { basename } from 'node:path';
import { z } from 'zod';
import { errorCodes } from '../../contract/app-error.js';
import { leakSchema } from '../../contract/inspection.js';
import { lanesSummarySchema, type LanesSummary } from '../../contract/lanes.js';
import {
  fileReportSchema,
  loudnessReportSchema,
  proofSchema,
  stageReportSchema,
  voiceSimilaritySchema,
  type FileReport,
  type VoiceSimilarity,
} from '../../contract/report.js';

/**
 * Lanes as strangers may see them: lengths alone. Kinds of noise tell where somebody was recorded, and the pitch of the raw voice
 * tells who, which is what another stage may have been there to hide.
 */
const shareableLanesSchema = z.strictObject({
  seconds: lanesSummarySchema.shape.seconds,
  speechSeconds: lanesSummarySchema.shape.speechSeconds,
  unknownSeconds: lanesSummarySchema.shape.unknownSeconds,
});

/**
 * How alike the voices are, as strangers may see it: in words. The cosine itself is a figure of the raw recording, and so are its
 * seconds of speech: whoever holds a candidate and the same weights could confirm by them that it is the source.
 */
const shareableSimilaritySchema = voiceSimilaritySchema
  .pick({ model: true, reading: true, calibration: true })
  .strict();

/** Of the loudness what anyone can measure on the result: that of the raw recording would confirm a candidate to its last digit. */
const shareableLoudnessSchema = loudnessReportSchema.pick({ resultLufs: true, method: true }).strict();

/** One recording as strangers may see it: figures of the result, nothing that came from the source's name, place or time. */
export const shareableFileSchema = z.strictObject({
  /** neutral file name of the result; missing where the name was made from the source's */
  output: z.string().optional(),
  status: fileReportSchema.shape.status,
  /** the code alone: messages name files */
  errorCode: z.enum(errorCodes).optional(),
  sampleRateHz: z.number().int().optional(),
  channels: z.number().int().optional(),
  sampleFrames: z.number().int().optional(),
  seconds: z.number().optional(),
  outputFormat: z.string().optional(),
  stages: z.array(stageReportSchema).optional(),
  /** how much of each kind the container gave away and the result no longer holds; no values, no field names */
  removed: z.array(z.strictObject({ kind: leakSchema.shape.kind, count: z.number().int() })).optional(),
  /** codes of what was odd about the recording; messages name files */
  warningCodes: z.array(z.string().regex(/^[A-Z_]+$/)).optional(),
  loudness: shareableLoudnessSchema.optional(),
  lanes: shareableLanesSchema.optional(),
  voiceSimilarity: shareableSimilaritySchema.optional(),
  clippedSamples: z.number().int().optional(),
  proof: proofSchema.optional(),
  outputSha256: z.string().optional(),
});

/** The report that may go with the results. */
export const shareableReportSchema = z.strictObject({
  schema: z.literal('sotto.report/1'),
  edition: z.literal('shareable'),
  files: z.array(shareableFileSchema),
});

/** @see shareableReportSchema */
export type ShareableReport = z.infer<typeof shareableReportSchema>;

/** The names that `outputs:plan` gives under the neutral policy; any other name may tell who is heard. */
export const neutralName = /^sanitised-\d+\.[a-z0-9]+$/;

/**
 * Builds the shareable edition by allow-list: every field is copied by name, so that a field added to the internal report
 * stays out of it until somebody decides otherwise here.
 * @param files  internal reports; not modified
 */
export function shareableReport(files: readonly FileReport[]): ShareableReport {
  return {
    schema: 'sotto.report/1',
    edition: 'shareable',
    files: files.map((file) => shareableFileSchema.parse(shareableFields(file))),
  };
}

function shareableFields(file: FileReport): Record<string, unknown> {
  const name = file.output === null ? null : basename(file.output);
  const fields: Record<string, unknown> = {
    output: name !== null && neutralName.test(name) ? name : undefined,
    status: file.status,
    errorCode: file.error?.code,
    sampleRateHz: file.sampleRateHz,
    channels: file.channels,
    sampleFrames: file.sampleFrames,
    seconds: file.seconds,
    outputFormat: file.outputFormat,
    stages: file.stages,
    removed: file.removed === undefined ? undefined : countKinds(file.removed),
    warningCodes: file.warnings?.map(({ code }) => code),
    loudness: file.loudness && { resultLufs: file.loudness.resultLufs, method: file.loudness.method },
    lanes: file.lanes === undefined ? undefined : shareableLanes(file.lanes),
    voiceSimilarity:
      file.voiceSimilarity === undefined ? undefined : shareableSimilarity(file.voiceSimilarity),
    clippedSamples: file.clippedSamples,
    proof: file.proof,
    outputSha256: file.outputSha256,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function shareableLanes({
  seconds,
  speechSeconds,
  unknownSeconds,
}: LanesSummary): z.infer<typeof shareableLanesSchema> {
  return { seconds, speechSeconds, unknownSeconds };
}

function shareableSimilarity({
  model,
  reading,
  calibration,
}: VoiceSimilarity): z.infer<typeof shareableSimilaritySchema> {
  return { model, reading, calibration };
}

function countKinds(leaks: NonNullable<FileReport['removed']>): { kind: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { kind } of leaks) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count }));
}
