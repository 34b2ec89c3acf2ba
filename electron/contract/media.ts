import { z } from 'zod';

/**
 * Facts about one playback copy: headerless interleaved little-endian float32 at the recording's own rate,
 * written by the engine into the session's cache folder and served to the window by byte ranges.
 */
export const playbackSchema = z.object({
  sampleRateHz: z.number().int().positive(),
  channels: z.number().int().positive(),
  /** exact count of sample frames */
  sampleFrames: z.number().int().nonnegative(),
  /** sample frames in one bin of the peaks file, which a preview has not: little-endian int16 [bins][channels][min, max], 32767 = full scale */
  samplesPerPeak: z.number().int().positive(),
  /**
   * frames of the F0 file beside it, which holds little-endian float32 [frames][raw, this copy] in Hz, 100 frames a second, NaN where no
   * voice sounds; missing where no stage changes the voice
   */
  f0Frames: z.number().int().positive().optional(),
});

/** @see playbackSchema */
export type Playback = z.infer<typeof playbackSchema>;

/** Scheme of the app's own pages and media; nothing else is ever loaded. */
export const appScheme = 'sotto';

/** The files the window may read of a recording. */
export const mediaKinds = [
  'raw.pcm',
  'raw.peaks',
  'raw.lanes',
  'result.pcm',
  'result.peaks',
  'result.f0',
  'preview.pcm',
  'preview.f0',
] as const;

/** One of {@link mediaKinds}. */
export type MediaKind = (typeof mediaKinds)[number];

/**
 * @param fileId  id given by `files:add`
 * @returns URL that serves the file with HTTP ranges
 */
export function mediaUrl(fileId: string, kind: MediaKind): string {
  return `${appScheme}://app/media/${fileId}/${kind}`;
}
