import { z } from 'zod';

/** Weights of the net that works frame by frame in the window's audio thread, checked against their hash by the engine. */
export const frameWeightsSchema = z.object({
  model: z.string(),
  level: z.string(),
  sha256: z.string(),
  /** whether it computes only the channels that its own gates leave on */
  gates: z.boolean(),
  /** the weights file as it lies on the disk (ONNX) */
  onnx: z.instanceof(Uint8Array),
});

/** @see frameWeightsSchema */
export type FrameWeights = z.infer<typeof frameWeightsSchema>;
