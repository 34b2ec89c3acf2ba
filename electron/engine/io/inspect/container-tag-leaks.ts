import { z } from 'zod';
import type { Leak } from '../../../contract/inspection.js';
import { inputArguments } from '../ffmpeg/input-arguments.js';
import { runTool } from '../ffmpeg/tool-process.js';
import { leakOf } from './leak.js';
import { meaningByName } from './tag-meanings.js';

const tagsSchema = z.record(z.string(), z.string());
const answerSchema = z.object({
  format: z.object({ tags: tagsSchema.optional() }).optional(),
  streams: z.array(z.object({ tags: tagsSchema.optional(), codec_type: z.string().optional() })).default([]),
  chapters: z.array(z.object({ tags: tagsSchema.optional() })).default([]),
});

/** What every stream of some containers carries and nobody wrote. */
const plainTags =
  /^(language|duration(-eng)?|_statistics_tags(-eng)?|bps(-eng)?|number_of_(bytes|frames)(-eng)?|(major|minor)_(brand|version)|compatible_brands)$/i;

/**
 * Lists the tags that ffprobe finds, for containers without a finder of their own: Matroska, WebM, CAF, AVI, ASF and others.
 * @param path    absolute
 * @param prefix  for `where`, e.g. `matroska`
 * @throws AppError TOOL_MISSING, CANCELLED; TOOL_FAILED when the tags are unreasonably large
 */
export async function containerTagLeaks(path: string, prefix: string, signal?: AbortSignal): Promise<Leak[]> {
  const entries = 'format_tags:stream=codec_type:stream_tags:chapter_tags';
  const { exit, stdout } = await runTool(
    'ffprobe',
    ['-of', 'json', '-show_entries', entries, '-show_chapters', ...inputArguments(path)],
    { signal, timeoutSeconds: 60, maxOutputBytes: 8e6 },
  );
  if (exit.code !== 0) return [];
  const answer = answerSchema.parse(JSON.parse(stdout.toString('utf8')));
  const list = (where: string, tags: Record<string, string> | undefined): Leak[] =>
    Object.entries(tags ?? {})
      .filter(([name]) => !plainTags.test(name))
      .flatMap(([name, value]) => leakOf(`${where}.${name}`, meaningByName(name), value));
  return [
    ...list(prefix, answer.format?.tags),
    ...answer.streams.flatMap((stream, n) => list(`${prefix}.stream${n}`, stream.tags)),
    ...answer.chapters.flatMap((chapter, n) => list(`${prefix}.chapter${n}`, chapter.tags)),
  ];
}
