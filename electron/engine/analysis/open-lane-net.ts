import { AppError } from '../../contract/app-error.js';
import type { ModelTransform } from '../dsp/frame-layout.js';
import { openFrameKernel } from '../frame-kernel/open-frame-kernel.js';
import type { ModelHost } from '../models/model-host.js';
import type { ManifestOf } from '../models/model-manifest.js';
import type { ProbeTable } from '../models/probe-table.js';
import type { LaneNet } from './lane-analyser.js';

/** The stage whose nets have gates. */
const stage = 'enhance';

/** @returns whether a net is installed whose gates tell something; its files are not looked at */
export function hasLanes(models: ModelHost): boolean {
  return probedModel(models) !== undefined;
}

/** What a gated net that tells lanes is opened from; can be sent to a thread. */
export interface LaneNetSource {
  /** an ONNX file as it lies on the disk */
  readonly onnx: Uint8Array;
  readonly table: ProbeTable;
  readonly transform: ModelTransform;
  /** the model and its level, for messages */
  readonly name: string;
}

/**
 * Reads the gated net that lanes are told from.
 * @throws AppError MODEL_NOT_FOUND when none is installed; MODEL_CHECKSUM_MISMATCH, MODEL_FAILED
 */
export async function readLaneNet(models: ModelHost): Promise<LaneNetSource> {
  const manifest = probedModel(models);
  if (manifest?.probes === undefined) throw notInstalled(models);
  const { id, probes, fftSize, sampleRateHz } = manifest;
  const table = await models.probesOf(id);
  const onnx = await models.weightsOf(id, probes.level);
  return { onnx, table, transform: { fftSize, sampleRateHz }, name: `level "${probes.level}" of "${id}"` };
}

/**
 * Opens a net that was read. Nothing of it needs closing.
 * @throws AppError MODEL_FAILED
 */
export function laneNetOf({ onnx, table, transform, name }: LaneNetSource): LaneNet {
  try {
    return { kernel: openFrameKernel(onnx), table, transform };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AppError(
      'MODEL_FAILED',
      `Expected a gated net at ${name}, found weights that are none: ${error.message} Restore the model's folder.`,
    );
  }
}

/**
 * Reads and opens the gated net that lanes are told from.
 * @throws AppError as {@link readLaneNet} and {@link laneNetOf}
 */
export async function openLaneNet(models: ModelHost): Promise<LaneNet> {
  return laneNetOf(await readLaneNet(models));
}

function probedModel(models: ModelHost): ManifestOf<'spectral-mask'> | undefined {
  return models
    .list()
    .filter((manifest) => manifest.runner === 'spectral-mask')
    .find((manifest) => manifest.stage === stage && manifest.probes !== undefined);
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
