import type { FrameWeights } from '../../contract/frame-weights.js';
import type { ModelHost } from '../models/model-host.js';

/**
 * The weights that live monitoring computes with: those that a job with this level of the enhancer runs with.
 * @throws AppError MODEL_NOT_FOUND when no enhancer serves the level; MODEL_CHECKSUM_MISMATCH
 */
export async function frameWeights(models: ModelHost, level: string): Promise<FrameWeights> {
  const { id, levels } = models.find('enhance', level);
  const { sha256, gates } = levels.find((each) => each.id === level)!;
  const onnx = new Uint8Array(await models.weightsOf(id, level));
  return { model: id, level, sha256, gates: gates === true, onnx };
}
