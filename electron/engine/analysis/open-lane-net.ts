import { AppError } from '../../contract/app-error.js';
import { openFrameKernel } from '../frame-kernel/open-frame-kernel.js';
import type { ModelHost } from '../models/model-host.js';
import type { ModelManifest } from '../models/model-manifest.js';
import type { LaneNet } from './lane-analyser.js';

/** The stage whose nets have gates. */
const stage = 'enhance';

/** @returns whether a net is installed whose gates tell something; its files are not looked at */
export function hasLanes(models: ModelHost): boolean {
  return probedModel(models) !== undefined;
}

/**
 * Opens the gated net that lanes are read from. Nothing of it needs closing.
 * @throws AppError MODEL_NOT_FOUND when none is installed; MODEL_CHECKSUM_MISMATCH, MODEL_FAILED
 */
export async function openLaneNet(models: ModelHost): Promise<LaneNet> {
  const manifest = probedModel(models);
  if (manifest?.probes === undefined) throw notInstalled(models);
  const { id, probes, fftSize, sampleRateHz } = manifest;
  const table = await models.probesOf(id);
  const onnx = await models.weightsOf(id, probes.level);
  try {
    return { kernel: openFrameKernel(onnx), table, transform: { fftSize, sampleRateHz } };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AppError(
      'MODEL_FAILED',
      `Expected a gated net at level "${probes.level}" of "${id}", found weights that are none: ${error.message} Restore the model's folder.`,
    );
  }
}

function probedModel(models: ModelHost): ModelManifest | undefined {
  return models.list().find((manifest) => manifest.stage === stage && manifest.probes !== undefined);
}

function notInstalled(models: ModelHost): AppError {
  const found = models.list().map(({ id }) => id);
  return new AppError(
    'MODEL_NOT_FOUND',
    `Expected a model of the stage "${stage}" with probes, from which lanes are read; found ${found.join(', ') || 'no models'}` +
      `${found.length > 0 ? ', without any' : ''}. Install the gated level of the enhancer; "models list" shows what is there.`,
    { problems: models.problems },
  );
}
