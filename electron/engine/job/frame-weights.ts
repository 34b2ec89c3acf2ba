import { AppError } from '../../contract/app-error.js';
import type { FrameWeights } from '../../contract/frame-weights.js';
import type { ModelHost } from '../models/model-host.js';
import type { ModelManifest } from '../models/model-manifest.js';

/**
 * The weights that live monitoring computes with: the level with probes, else another one with gates, else the full one, which the
 * same kernel runs with every channel on.
 * @throws AppError MODEL_NOT_FOUND when no enhancer is installed; MODEL_CHECKSUM_MISMATCH
 */
export async function frameWeights(models: ModelHost): Promise<FrameWeights> {
  const enhancers = models.list().filter(({ stage }) => stage === 'enhance');
  const gated = enhancers.find(({ levels, probes }) => probes ?? levels.some(({ gates }) => gates === true));
  const manifest = gated ?? enhancers[0];
  if (manifest === undefined) {
    throw new AppError(
      'MODEL_NOT_FOUND',
      'Expected a model of the stage "enhance" to listen through, found none. Install one; "models list" shows what is there.',
      { problems: models.problems },
    );
  }
  const { id, sha256 } = bestLevel(manifest);
  const onnx = new Uint8Array(await models.weightsOf(manifest.id, id));
  return { model: manifest.id, level: id, sha256, onnx };
}

function bestLevel({ levels, probes }: ModelManifest): ModelManifest['levels'][number] {
  return (
    levels.find(({ id }) => id === probes?.level) ??
    levels.find(({ gates }) => gates === true) ??
    levels.find(({ id }) => id === 'fp32') ??
    levels[0]!
  );
}
