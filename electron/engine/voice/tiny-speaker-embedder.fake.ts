import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import type { ManifestOf } from '../models/model-manifest.js';
import { speakerEmbedderManifest } from '../models/voice-manifests.fake.js';

const { onnx } = onnxProto;
const bands = 80;

/**
 * A real ONNX graph with the ports of the embedder that nobody trained: the mean spectrum of a window over its bands' mean, so that
 * level and rests have no say and moved resonances do.
 * @returns the serialised model
 */
function meanSpectrum(): Uint8Array {
  const port = (name: string, shape: readonly (string | number)[]): object => ({
    name,
    type: {
      tensorType: {
        elemType: onnx.TensorProto.DataType.FLOAT,
        shape: {
          dim: shape.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size })),
        },
      },
    },
  });
  const mean = (input: string, output: string, axis: number, keep: number): object => ({
    opType: 'ReduceMean',
    input: [input],
    output: [output],
    attribute: [
      { name: 'axes', ints: [axis], type: onnx.AttributeProto.AttributeType.INTS },
      { name: 'keepdims', i: keep, type: onnx.AttributeProto.AttributeType.INT },
    ],
  });
  const graph = {
    name: 'mean-spectrum',
    node: [
      mean('mel', 'spectrum', 2, 0),
      mean('spectrum', 'level', 1, 1),
      { opType: 'Sub', input: ['spectrum', 'level'], output: ['vector'] },
    ],
    input: [port('mel', ['batch', bands, 'frames'])],
    output: [port('vector', ['batch', bands])],
  };
  const model = onnx.ModelProto.create({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph });
  return onnx.ModelProto.encode(model).finish();
}

/**
 * Installs an embedder that nobody trained, as files.
 * @param root  folder of models
 * @returns the manifest as written
 */
export function writeTinySpeakerEmbedder(
  root: string,
  overrides: Partial<ManifestOf<'speaker-embedder'>> = {},
): ManifestOf<'speaker-embedder'> {
  const weights = meanSpectrum();
  const manifest = speakerEmbedderManifest({
    outputs: [{ name: 'vector', shape: ['batch', bands], role: 'speaker-embedding' }],
    levels: [
      {
        id: 'fp32',
        file: 'model.onnx',
        sha256: createHash('sha256').update(weights).digest('hex'),
        sizeBytes: weights.length,
      },
    ],
    ...overrides,
  });
  const folder = join(root, manifest.id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), weights);
  writeFileSync(join(folder, 'model.json'), JSON.stringify(manifest));
  return manifest;
}
