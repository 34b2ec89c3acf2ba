import { AppError } from '../../../contract/app-error.js';
import { transpose } from '../../dsp/spectrum.js';
import type { Tensor } from '../../models/model-host.js';
import type { ModelManifest } from '../../models/model-manifest.js';

/** Names of a graph's magnitude and mask. */
export interface TensorNames {
  readonly magnitude: string;
  readonly mask: string;
}

/** @throws AppError MODEL_FAILED when the manifest does not name exactly one magnitude to put in and a mask to take out */
export function tensorNames({ id, inputs, outputs }: ModelManifest): TensorNames {
  const magnitude = inputs.find(({ role }) => role === 'magnitude')?.name;
  const mask = outputs.find(({ role }) => role === 'mask')?.name;
  if (magnitude !== undefined && mask !== undefined && inputs.length === 1) return { magnitude, mask };
  throw new AppError(
    'MODEL_FAILED',
    `Expected one input of role "magnitude" and an output of role "mask" in the manifest of "${id}", ` +
      `found ${JSON.stringify([...inputs, ...outputs].map(({ role }) => role))}. Restore the model's folder.`,
  );
}

/**
 * @param mask   what the model answered: (1, bins, frames)
 * @param model  id for the message
 * @returns the mask frame by frame, [frames][bins]
 * @throws AppError MODEL_FAILED when it has another size or holds anything but finite numbers
 */
export function maskRows(
  mask: Tensor | undefined,
  bins: number,
  frames: number,
  model: string,
): Float32Array {
  const values = mask?.data ?? new Float32Array(0);
  let sum = 0;
  // An iterator over a typed array costs about ten times an index.
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  if (values.length === bins * frames && Number.isFinite(sum)) return transpose(values, bins, frames);
  throw new AppError(
    'MODEL_FAILED',
    `Expected ${bins} x ${frames} finite values from model "${model}", found ${values.length} with the sum ${sum}. ` +
      "Restore the model's folder.",
  );
}
