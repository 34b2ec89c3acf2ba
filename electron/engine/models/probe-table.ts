import { z } from 'zod';

/**
 * A weighted sum over gate bits: bias + sum of weights[i] * mean of bit[bits[i]] over the last `averageFrames` frames,
 * read `delayFrames` after the frame it describes.
 */
const linearProbeSchema = z.object({
  /** index of a bit: block * hidden channels + channel */
  bits: z.array(z.number().int().nonnegative()),
  weights: z.array(z.number()),
  bias: z.number(),
  averageFrames: z.number().int().positive(),
  delayFrames: z.number().int().nonnegative(),
});

/** Whether the probe was good enough on recordings it was not fitted on; if not, its lane is unknown everywhere. */
const trustedSchema = z.boolean().default(true);

/** @see linearProbeSchema */
export type LinearProbe = z.infer<typeof linearProbeSchema>;

/** `probes.json` beside a gated net: what its masks tell, as tables of weights. */
export const probeTableSchema = z.object({
  schema: z.literal('sotto.probes/1'),
  /** the very weights these probes were fitted on */
  level: z.string(),
  sha256: z.string(),
  /** logit of "somebody speaks" */
  speech: linearProbeSchema,
  /** logit of "this frame is voiced" */
  voiced: linearProbeSchema,
  /** log2 of F0 in Hz, on voiced frames */
  f0: linearProbeSchema.extend({
    trusted: trustedSchema,
    minimumHz: z.number().positive(),
    maximumHz: z.number().positive(),
  }),
  /** speech-to-noise ratio in dB */
  snr: linearProbeSchema.extend({ minimumDb: z.number(), maximumDb: z.number() }),
  /** one row of weights and one bias per label; the largest sum wins. `speech-free silence` is a label too. */
  noise: z.object({
    trusted: trustedSchema,
    labels: z.array(z.string()).min(2),
    bits: z.array(z.number().int().nonnegative()),
    weights: z.array(z.array(z.number())),
    bias: z.array(z.number()),
    averageFrames: z.number().int().positive(),
    delayFrames: z.number().int().nonnegative(),
    /** below this softmax probability the kind is unknown */
    minimumProbability: z.number().min(0).max(1),
  }),
  /** logit of "a sound of the kind the net was trained on"; below 0 (music, tones) every lane is unknown */
  domain: linearProbeSchema,
  /** rms of a frame below which nothing is said, dBFS */
  silenceDbfs: z.number(),
});

/** @see probeTableSchema */
export type ProbeTable = z.infer<typeof probeTableSchema>;
