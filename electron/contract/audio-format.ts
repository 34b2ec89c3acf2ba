import { z } from 'zod';

/** Output formats a user can name; `same` keeps the input's container and sample format as closely as it can be written. */
export const outputFormatSchema = z.enum(['wav16', 'wav24', 'wav32f', 'flac', 'mp3', 'opus', 'same']);

/** @see outputFormatSchema */
export type OutputFormat = z.infer<typeof outputFormatSchema>;

/** What a recording is, as found in its container and confirmed by decoding. */
export const audioFactsSchema = z.object({
  /** container as ffprobe names it, first word: wav, aiff, flac, mp3, mov, ogg, matroska ... */
  container: z.string(),
  /** codec as ffprobe names it: pcm_s16le, flac, mp3, aac, opus ... */
  codec: z.string(),
  sampleRateHz: z.number().int().positive(),
  channels: z.number().int().positive(),
  /** bits of one stored sample; null for lossy codecs */
  bitsPerSample: z.number().int().positive().nullable(),
  lossless: z.boolean(),
  /** sample frames the header promises; null when it does not say. The decoded count is authoritative. */
  declaredSampleFrames: z.number().int().nonnegative().nullable(),
  sizeBytes: z.number().int().nonnegative(),
  /** further streams in the container that are not exported (video, cover art, second audio) */
  otherStreams: z.array(z.string()),
});

/** @see audioFactsSchema */
export type AudioFacts = z.infer<typeof audioFactsSchema>;

/** A thing worth saying that did not stop the job. */
export const findingSchema = z.object({ code: z.string(), message: z.string() });

/** @see findingSchema */
export type Finding = z.infer<typeof findingSchema>;
