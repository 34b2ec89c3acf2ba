import { AppError } from '../../contract/app-error.js';
import type { ModelHost, ModelSession, Tensor } from './model-host.js';
import type { ManifestOf } from './model-manifest.js';
import type { ProbeTable } from './probe-table.js';

/** A manifest of an enhance model as the product ships it; the weights are not there. */
export const fakeManifest: ManifestOf<'spectral-mask'> = {
  schema: 'sotto.model/1',
  id: 'fake-mask',
  stage: 'enhance',
  title: 'Fake mask',
  licence: 'MIT',
  runner: 'spectral-mask',
  sampleRateHz: 16_000,
  fftSize: 512,
  hopSamples: 256,
  window: 'sqrt-hann-periodic',
  contextFrames: 42,
  latencyFrames: 0,
  inputs: [{ name: 'magnitude', shape: ['batch', 257, 'frames'], role: 'magnitude' }],
  outputs: [{ name: 'mask', shape: ['batch', 257, 'frames'], role: 'mask' }],
  levels: [{ id: 'fp32', file: 'model.onnx', sha256: '0'.repeat(64), sizeBytes: 1 }],
  golden: { file: 'golden/golden.json', maxAbsoluteError: 1e-4 },
  measures: 'none',
};

/** (1, bins, frames) magnitudes -> mask of the same shape */
export type FakeNet = (magnitude: Tensor) => Float32Array;

/** A host whose only model is a function; counts what is open, so that tests can see leaks. */
export class FakeModelHost implements ModelHost {
  readonly #net: FakeNet;
  readonly #manifest: ManifestOf<'spectral-mask'>;
  readonly problems: readonly string[] = [];
  openSessions = 0;
  /** frames of every run, in order */
  readonly runs: number[] = [];

  constructor(net: FakeNet, manifest = fakeManifest) {
    this.#net = net;
    this.#manifest = manifest;
  }

  list(): readonly ManifestOf<'spectral-mask'>[] {
    return [this.#manifest];
  }

  find(stage: string, level: string): ManifestOf<'spectral-mask'> {
    const known = this.#manifest.levels.some(({ id }) => id === level);
    if (stage === this.#manifest.stage && known) return this.#manifest;
    throw new AppError('MODEL_NOT_FOUND', `Expected a model for ${stage} at ${level}, found none.`);
  }

  open(_id: string, level: string): Promise<ModelSession> {
    this.openSessions++;
    return Promise.resolve({
      manifest: this.#manifest,
      level,
      sha256: '0'.repeat(64),
      run: async (inputs) => {
        const magnitude = inputs['magnitude'];
        if (!magnitude) throw new AppError('MODEL_FAILED', 'Expected the input "magnitude".');
        this.runs.push(magnitude.shape[2] ?? 0);
        // Answers later, as a thread would.
        await new Promise((resolve) => setImmediate(resolve));
        return { mask: { shape: magnitude.shape, data: this.#net(magnitude) } };
      },
      release: () => {
        this.openSessions--;
      },
    });
  }

  openBeside(): Promise<ModelSession> {
    return Promise.reject(new AppError('MODEL_NOT_FOUND', 'Expected a graph, found a function.'));
  }

  weightsOf(): Promise<Uint8Array> {
    return Promise.reject(new AppError('MODEL_NOT_FOUND', 'Expected weights, found a function.'));
  }

  fileOf(): Promise<Uint8Array> {
    return Promise.reject(new AppError('MODEL_NOT_FOUND', 'Expected a file, found a function.'));
  }

  probesOf(): Promise<ProbeTable> {
    return Promise.reject(new AppError('MODEL_NOT_FOUND', 'Expected probes, found a function.'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Lets everything through. */
export const passAll: FakeNet = ({ data }) => new Float32Array(data.length).fill(1);

/** Frames that {@link levelFollower} looks back to: now, half the product's reach, and all of it. */
const lags = [0, 21, 42];

/**
 * A causal net with the receptive field of the product's: the mask falls with the magnitude now and up to 42 frames ago, with
 * zeros before the first frame it is given.
 */
export const levelFollower: FakeNet = ({ shape, data }) => {
  const [, bins = 0, frames = 0] = shape;
  const mask = new Float32Array(data.length);
  for (let k = 0; k < bins; k++) {
    for (let t = 0; t < frames; t++) {
      let sum = 0;
      for (const lag of lags) if (t >= lag) sum += data[k * frames + t - lag]!;
      mask[k * frames + t] = 1 / (1 + sum / lags.length);
    }
  }
  return mask;
};
