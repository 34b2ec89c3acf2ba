import { z } from 'zod';
import { inputArguments } from '../ffmpeg/input-arguments.js';
import { runTool } from '../ffmpeg/tool-process.js';

/** ffprobe writes many numbers as texts, and words where it does not know. */
const countText = z.coerce.number().optional().catch(undefined);

const streamSchema = z.object({
  index: z.number().int(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  codec_tag_string: z.string().optional(),
  sample_fmt: z.string().optional(),
  sample_rate: countText,
  channels: z.number().int().optional(),
  channel_layout: z.string().optional(),
  bits_per_sample: z.number().int().optional(),
  bits_per_raw_sample: countText,
  time_base: z.string().optional(),
  duration_ts: z.number().optional(),
  disposition: z.object({ attached_pic: z.number().optional() }).optional(),
});

const answerSchema = z.object({
  streams: z.array(streamSchema).default([]),
  format: z.object({ format_name: z.string(), duration: countText }).optional(),
});

/** One stream as ffprobe describes it. */
export type ProbedStream = z.infer<typeof streamSchema>;

/** ffprobe's description of a file; null where it could make nothing of it, then `errorText` says why. */
export interface FfprobeAnswer {
  readonly streams: readonly ProbedStream[];
  /** demuxer's names, e.g. "mov,mp4,m4a,3gp,3g2,mj2"; null when no demuxer took the file */
  readonly formatName: string | null;
  readonly durationSeconds: number | null;
  readonly errorText: string;
}

const wantedEntries =
  'format=format_name,duration:stream=index,codec_type,codec_name,codec_tag_string,sample_fmt,sample_rate,channels,' +
  'channel_layout,bits_per_sample,bits_per_raw_sample,time_base,duration_ts:stream_disposition=attached_pic';

/** Time for ffprobe on a busy machine with a slow drive. */
const timeoutSeconds = 60;

/**
 * Asks ffprobe about one file, without its tags.
 * @throws AppError TOOL_MISSING, TOOL_FAILED, CANCELLED
 */
export async function askFfprobe(path: string, signal?: AbortSignal): Promise<FfprobeAnswer> {
  const { exit, stdout, errorText } = await runTool(
    'ffprobe',
    ['-of', 'json', '-show_entries', wantedEntries, ...inputArguments(path)],
    { signal, timeoutSeconds, maxOutputBytes: 4e6 },
  );
  const nothing = { streams: [], formatName: null, durationSeconds: null, errorText };
  if (exit.code !== 0) return nothing;
  const answer = answerSchema.parse(JSON.parse(stdout.toString('utf8')));
  return {
    streams: answer.streams,
    formatName: answer.format?.format_name ?? null,
    durationSeconds: answer.format?.duration ?? null,
    errorText,
  };
}
