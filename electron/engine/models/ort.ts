import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { AppError } from '../../contract/app-error.js';
import type { Tensor } from './model-host.js';

/** What a session is made from. */
export interface WeightsFile {
  readonly file: string;
  readonly sha256: string;
}

/** One graph in ONNX Runtime. `run` blocks the thread it is called on. */
export interface OrtSession {
  /** @throws AppError MODEL_FAILED */
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/**
 * Reads the weights once, checks their SHA-256 and makes a session from those very bytes, so that what was checked is what runs.
 * @throws AppError MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH, MODEL_FAILED
 */
export async function openOrtSession({ file, sha256 }: WeightsFile): Promise<OrtSession> {
  const weights = await readWeights(file);
  const found = createHash('sha256').update(weights).digest('hex');
  if (found !== sha256) {
    throw new AppError(
      'MODEL_CHECKSUM_MISMATCH',
      `Expected weights with SHA-256 ${sha256}, found ${found} in ${file}. The file was changed or is damaged: restore the model's folder.`,
      { file, expected: sha256, found },
    );
  }
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
    run: (inputs) => orFail(`run ${file}`, () => run(session, inputs)),
    release: () => session.release(),
  };
}

async function readWeights(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new AppError(
      'MODEL_NOT_FOUND',
      `Expected the model's weights at ${file}, which cannot be read (${String(error)}). Restore the model's folder.`,
      { file },
    );
  }
}

async function run(
  session: ort.InferenceSession,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    feeds[name] = new ort.Tensor('float32', tensor.data, tensor.shape);
  }
  const results = await session.run(feeds);
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
