import { z } from 'zod';
import { appErrorDataSchema } from './app-error.js';
import { audioFactsSchema, findingSchema } from './audio-format.js';
import { chainSettingsSchema } from './chain.js';
import type { Contract } from './channel.js';
import { frameWeightsSchema } from './frame-weights.js';
import { inspectionSchema } from './inspection.js';
import { jobSettingsSchema, progressSchema } from './job.js';
import { lanesFactsSchema } from './lanes.js';
import { playbackSchema } from './media.js';
import { modelListSchema } from './model-list.js';
import { previewSchema, stretchSchema } from './preview.js';
import { fileReportSchema } from './report.js';

/** Names one piece of work in the engine, for progress and cancelling; chosen by the caller. */
const taskIdSchema = z.string().min(1);

/**
 * What the main process asks of the engine (utilityProcess). Every request can be asked again after a crash:
 * the engine keeps no state a caller must know, and files appear under their final name only when they are whole.
 */
export const engineContract = {
  requests: {
    /** Folders become the audio files below them, sorted; a file that cannot be read is rejected with the reason. */
    'inputs:expand': {
      input: z.object({ paths: z.array(z.string()) }),
      output: z.object({
        files: z.array(z.string()),
        rejected: z.array(z.object({ path: z.string(), error: appErrorDataSchema })),
      }),
    },
    'input:inspect': { input: z.object({ path: z.string() }), output: inspectionSchema },
    /** Decodes once: facts, playback copy and peaks, written into `cacheFolder` as raw.pcm and raw.peaks. */
    'input:prepare': {
      input: z.object({ taskId: taskIdSchema, path: z.string(), cacheFolder: z.string() }),
      output: z.object({
        facts: audioFactsSchema,
        playback: playbackSchema,
        warnings: z.array(findingSchema),
      }),
    },
    /** The exact output paths, in order, as `job:run` would write them; nothing is written. */
    'outputs:plan': {
      input: z.object({
        inputs: z.array(z.string()),
        folder: z.string(),
        settings: jobSettingsSchema,
        overwrite: z.boolean(),
        /** output paths promised to jobs that are still running: taken, though not there yet */
        reserved: z.array(z.string()).optional(),
      }),
      output: z.object({
        outputs: z.array(
          z.object({
            input: z.string(),
            output: z.string().nullable(),
            error: appErrorDataSchema.optional(),
          }),
        ),
      }),
    },
    /**
     * Decode -> chain -> encode -> prove, to exactly `output`. A recording that fails is an answer with status `failed`,
     * not an error. With `cacheFolder` also writes result.pcm, result.peaks and, where the voice is changed, result.f0 there.
     */
    'job:run': {
      input: z.object({
        taskId: taskIdSchema,
        input: z.string(),
        output: z.string(),
        overwrite: z.boolean(),
        settings: jobSettingsSchema,
        cacheFolder: z.string().nullable(),
      }),
      output: z.object({ report: fileReportSchema, playback: playbackSchema.nullable() }),
    },
    /**
     * A stretch through the chain, from the playback copy that `input:prepare` wrote: only the stretch and the context that the chain needs
     * are computed. Writes preview.pcm, and preview.f0 where the voice is changed, into `cacheFolder` and nothing anywhere else.
     */
    'preview:render': {
      input: z.object({
        taskId: taskIdSchema,
        /** path of raw.pcm */
        source: z.string(),
        playback: playbackSchema,
        stretch: stretchSchema,
        chain: chainSettingsSchema,
        cacheFolder: z.string(),
      }),
      output: previewSchema,
    },
    /** Writes the shareable report (no source names, paths or times) beside the outputs and returns its path. */
    'report:share': {
      input: z.object({ folder: z.string(), files: z.array(fileReportSchema) }),
      output: z.object({ path: z.string() }),
    },
    /** Takes effect within one block; the cancelled request ends with code CANCELLED. Unknown tasks are ignored. */
    'task:cancel': { input: z.object({ taskId: taskIdSchema }), output: z.object({}) },
    /** Decodes once and writes the lanes into `cacheFolder` as raw.lanes. */
    'input:analyse': {
      input: z.object({ taskId: taskIdSchema, path: z.string(), cacheFolder: z.string() }),
      output: lanesFactsSchema,
    },
    /** Exactly this level of the enhancer, for live monitoring. */
    'frame-weights': { input: z.object({ level: z.string() }), output: frameWeightsSchema },
    'models:list': { input: z.object({}), output: modelListSchema },
    /** Which stages of `chain` can run, as a check before a queue starts. */
    'chain:check': { input: z.object({ chain: chainSettingsSchema }), output: z.object({}) },
  },
  events: {
    'task:progress': z.object({ taskId: taskIdSchema, progress: progressSchema }),
  },
} as const satisfies Contract;

/** @see engineContract */
export type EngineContract = typeof engineContract;
