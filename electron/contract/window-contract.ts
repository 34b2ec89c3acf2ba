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
import { presetSchema } from './preset.js';
import { previewSchema, stretchSchema } from './preview.js';
import { fileReportSchema } from './report.js';

/** A recording the window knows. The id is the window's only handle; paths are for display. */
export const queuedFileSchema = z.object({
  fileId: z.string(),
  name: z.string(),
  path: z.string(),
  sizeBytes: z.number(),
});

/** @see queuedFileSchema */
export type QueuedFile = z.infer<typeof queuedFileSchema>;

const addedFilesSchema = z.object({
  files: z.array(queuedFileSchema),
  rejected: z.array(z.object({ path: z.string(), error: appErrorDataSchema })),
});

/** @see addedFilesSchema */
export type AddedFiles = z.infer<typeof addedFilesSchema>;

const fileIdSchema = z.object({ fileId: z.string() });

const outputFolderSchema = z.object({ path: z.string(), exists: z.boolean() });

/** Settings kept between starts, in a JSON file in the app's data folder. */
export const appSettingsSchema = z.object({
  schema: z.literal('sotto.settings/1'),
  job: jobSettingsSchema,
  volume: z.number().min(0).max(1),
  loudnessMatch: z.boolean(),
});

/** @see appSettingsSchema */
export type AppSettings = z.infer<typeof appSettingsSchema>;

/** Menu entries that are carried out by the window. */
export const menuCommandSchema = z.enum(['open-files', 'open-folder', 'process-all', 'show-shortcuts']);

/** @see menuCommandSchema */
export type MenuCommand = z.infer<typeof menuCommandSchema>;

/** Everything the window and the main process say to each other. */
export const windowContract = {
  requests: {
    'app:state': {
      input: z.object({}),
      output: z.object({
        version: z.string(),
        settings: appSettingsSchema,
        presets: z.array(presetSchema),
        outputFolder: outputFolderSchema,
        /** recordings named when the app was started, or still queued before the window was reloaded */
        opened: addedFilesSchema,
        /** what the user should be told once, e.g. that broken settings were set aside */
        notices: z.array(findingSchema).optional(),
      }),
    },
    'settings:save': { input: appSettingsSchema, output: z.object({}) },
    'models:list': { input: z.object({}), output: modelListSchema },
    /** Dropped paths; folders are walked. */
    'files:add': { input: z.object({ paths: z.array(z.string()).min(1) }), output: addedFilesSchema },
    /** The system's dialog; nothing chosen gives empty lists. */
    'files:choose': { input: z.object({ kind: z.enum(['files', 'folder']) }), output: addedFilesSchema },
    'file:prepare': {
      input: fileIdSchema,
      output: z.object({
        facts: audioFactsSchema,
        playback: playbackSchema,
        warnings: z.array(findingSchema),
      }),
    },
    /** Speech, noise, F0 and SNR over time; the values lie in the media file `raw.lanes`. */
    'file:analyse': { input: fileIdSchema, output: lanesFactsSchema },
    /** What live monitoring computes with: the level that the chain's enhance stage names. */
    'live:weights': { input: z.object({ level: z.string() }), output: frameWeightsSchema },
    'file:inspect': { input: fileIdSchema, output: inspectionSchema },
    /** Takes the recording off the queue and erases its playback copies; the recording itself stays. */
    'file:remove': { input: fileIdSchema, output: z.object({}) },
    /** Names shown before rendering. */
    'outputs:plan': {
      input: z.object({ fileIds: z.array(z.string()), settings: jobSettingsSchema }),
      output: z.object({
        outputs: z.array(
          z.object({
            fileId: z.string(),
            output: z.string().nullable(),
            error: appErrorDataSchema.optional(),
          }),
        ),
      }),
    },
    /** Processes and exports one recording to its planned name. Errors of the recording are in the report. */
    'job:start': {
      input: z.object({ fileId: z.string(), settings: jobSettingsSchema }),
      output: z.object({ report: fileReportSchema, playback: playbackSchema.nullable() }),
    },
    /** Renders a stretch for listening, in turn with the jobs; the recording's result stays. */
    'preview:start': {
      input: z.object({ fileId: z.string(), stretch: stretchSchema, chain: chainSettingsSchema }),
      output: previewSchema,
    },
    /** Ends the preview that waits or runs for this recording. */
    'preview:cancel': { input: fileIdSchema, output: z.object({}) },
    /** Cancels preparing and exporting of this recording. */
    'job:cancel': { input: fileIdSchema, output: z.object({}) },
    /** Writes the shareable report for the recordings finished in this session; null when there are none. */
    'report:share': { input: z.object({}), output: z.object({ path: z.string().nullable() }) },
    'output:choose': { input: z.object({}), output: outputFolderSchema },
    /** Opens the output folder in the system's file manager; with a file id, selects that result. */
    'output:reveal': { input: z.object({ fileId: z.string().nullable() }), output: z.object({}) },
  },
  events: {
    'file:progress': z.object({ fileId: z.string(), progress: progressSchema }),
    /** Recordings that arrive from outside: second start of the app, "open with". */
    'files:opened': addedFilesSchema,
    /** An entry of the application menu that the window carries out. */
    'menu:command': z.object({ command: menuCommandSchema }),
    'engine:state': z.object({
      state: z.enum(['starting', 'ready', 'crashed', 'failed']),
      message: z.string().nullable(),
    }),
  },
} as const satisfies Contract;

/** @see windowContract */
export type WindowContract = typeof windowContract;

/** What the preload exposes as `window.api`: one promise per request, one subscription per event, and the path of a dropped file. */
export interface WindowApi {
  request(name: string, input: unknown): Promise<unknown>;
  on(name: string, listener: (payload: unknown) => void): () => void;
  pathOf(file: unknown): string;
}
