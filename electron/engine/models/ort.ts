import * as ort from 'onnxruntime-node';
import { AppError } from '../../contract/app-error.js';
import type { Tensor } from './model-host.js';
import { assertOrtIsSilent } from './ort-telemetry.js';
import { readChecked, type WeightsFile } from './weights-file.js';

/** One graph in ONNX Runtime. `run` blocks the thread it is called on. */
export interface OrtSession {
  /**
   * @param outputs  names of what is wanted; whatever else the graph gives is neither computed for its own sake nor copied.
   *                 Everything when missing
   * @throws AppError MODEL_FAILED
   */
  run(inputs: Readonly<Record<string, Tensor>>, outputs?: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/**
 * Reads the weights once, checks their SHA-256 and makes a session from those very bytes, so that what was checked is what runs.
 * @throws AppError MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH, MODEL_FAILED; INTERNAL, see `assertOrtIsSilent`
 */
export async function openOrtSession({ file, sha256 }: WeightsFile): Promise<OrtSession> {
  assertOrtIsSilent();
  const weights = await readChecked({ file, sha256 });
  const session = await orFail(`open ${file}`, () =>
    ort.InferenceSession.create(weights, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      // One thread a session: the engine has its own threads, and the window needs a core that is not busy.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
    }),
  );
  return {
    run: (inputs, outputs) => orFail(`run ${file}`, () => run(session, inputs, outputs)),
    release: () => session.release(),
  };
}

async function run(
  session: ort.InferenceSession,
  inputs: Readonly<Record<string, Tensor>>,
  wanted: readonly string[] = session.outputNames,
): Promise<Record<string, Tensor>> {
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    feeds[name] = new ort.Tensor('float32', tensor.data, tensor.shape);
  }
  const results = await session.run(feeds, [...wanted]);
  const outputs: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(results)) {
    if (!(tensor.data instanceof Float32Array)) {
      throw new Error(`expected float32 in "${name}", found ${tensor.type}`);
    }
    outputs[name] = { shape: tensor.dims, data: tensor.data };
  }
  return outputs;
}

/** ONNX Runtime throws plain errors with its own wording: say what was being done. */
async function orFail<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'MODEL_FAILED',
      `ONNX Runtime could not ${what}: ${reason}. Check "models verify", and whether memory is short.`,
      { reason },
    );
  }
}
