import { z } from 'zod';

/**
 * Whether a noise label says that there is none. The tables call it silence between the words, but it holds while somebody speaks
 * too: whoever reads it must get other words for it.
 */
export function isNoNoise(label: string): boolean {
  return label.toLowerCase().includes('silence');
}

/** One share of a recording's noise. */
const noiseShareSchema = z.object({
  label: z.string(),
  /** 0..1 of the frames whose noise is known */
  share: z.number().min(0).max(1),
});

/** A recording's lanes in a few figures; null where no frame was known. */
export const lanesSummarySchema = z.object({
  seconds: z.number().nonnegative(),
  /** seconds in which somebody speaks */
  speechSeconds: z.number().nonnegative(),
  /** seconds about which the lanes say nothing: digital silence, music, sounds unlike anything the net was trained on */
  unknownSeconds: z.number().nonnegative(),
  /** most frequent first; only kinds that hold at least 5 % */
  noise: z.array(noiseShareSchema),
  /** median over the frames with speech, dB */
  snrDb: z.number().nullable(),
  /** median over voiced frames, Hz */
  f0Hz: z.number().nullable(),
});

/** @see lanesSummarySchema */
export type LanesSummary = z.infer<typeof lanesSummarySchema>;

/** Values of one frame in a lanes file: speech probability, F0 in Hz, SNR in dB, index of the noise label; NaN is "unknown". */
export const laneNames = ['speech', 'f0Hz', 'snrDb', 'noise'] as const;

/** One of {@link laneNames}. */
export type LaneName = (typeof laneNames)[number];

/**
 * Facts about a lanes file: headerless little-endian float32 [frames][{@link laneNames}]. Frame t describes the sound
 * around t * frameSeconds.
 */
export const lanesFactsSchema = z.object({
  frameSeconds: z.number().positive(),
  frames: z.number().int().nonnegative(),
  noiseLabels: z.array(z.string()),
  summary: lanesSummarySchema,
  /** lanes that this net's probes cannot tell well enough: unknown in every frame of every recording, so not worth a place */
  untold: z.array(z.enum(laneNames)),
});

/** @see lanesFactsSchema */
export type LanesFacts = z.infer<typeof lanesFactsSchema>;

/** What `analyse --json` prints; the lanes have one value a frame. */
export const lanesDocumentSchema = z.object({
  schema: z.literal('sotto.lanes/1'),
  files: z.array(
    z.object({
      input: z.string(),
      error: z.object({ code: z.string(), message: z.string() }).optional(),
      frameSeconds: z.number().positive().optional(),
      lanes: z
        .object({
          speech: z.array(z.number().min(0).max(1).nullable()),
          f0Hz: z.array(z.number().positive().nullable()),
          snrDb: z.array(z.number().nullable()),
          noise: z.object({
            labels: z.array(z.string()),
            index: z.array(z.number().int().nonnegative().nullable()),
          }),
        })
        .optional(),
      events: z
        .array(
          z.object({
            startSeconds: z.number(),
            endSeconds: z.number(),
            label: z.string(),
            confidence: z.number(),
          }),
        )
        .optional(),
      summary: lanesSummarySchema.optional(),
    }),
  ),
});

/** @see lanesDocumentSchema */
export type LanesDocument = z.infer<typeof lanesDocumentSchema>;
