import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import { fakeManifest } from './model-host.fake.js';
import type { ManifestOf } from './model-manifest.js';

const { onnx } = onnxProto;
const bins = 257;
/** frames one output frame looks back, as the product's model does */
export const tinyContextFrames = 42;

/**
 * A real ONNX graph with the interface and the receptive field of the product's model, but a single layer:
 * mask = sigmoid(2 - causal depthwise convolution of the magnitude over 43 frames).
 * @returns the serialised model
 */
export function tinyMaskModel(): Uint8Array {
  const kernelFrames = tinyContextFrames + 1;
  const weights = Float32Array.from(
    { length: bins * kernelFrames },
    (_, i) => -0.01 - 0.04 * ((i * 7919) % 13),
  );
  const bias = new Float32Array(bins).fill(2);
  const float = onnx.TensorProto.DataType.FLOAT;
  const initializer = (name: string, dims: number[], data: Float32Array): object => ({
    name,
    dims,
    dataType: float,
    rawData: new Uint8Array(data.buffer),
  });
  const tensor = (name: string): object => ({
    name,
    type: {
      tensorType: {
        elemType: float,
        shape: { dim: [{ dimParam: 'batch' }, { dimValue: bins }, { dimParam: 'frames' }] },
      },
    },
  });
  const ints = (name: string, values: number[]): object => ({
    name,
    ints: values,
    type: onnx.AttributeProto.AttributeType.INTS,
  });
  const conv = {
    opType: 'Conv',
    input: ['magnitude', 'weights', 'bias'],
    output: ['convolved'],
    attribute: [
      { name: 'group', i: bins, type: onnx.AttributeProto.AttributeType.INT },
      ints('kernel_shape', [kernelFrames]),
      ints('pads', [tinyContextFrames, 0]),
    ],
  };
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'tiny-mask',
      node: [conv, { opType: 'Sigmoid', input: ['convolved'], output: ['mask'] }],
      initializer: [
        initializer('weights', [bins, 1, kernelFrames], weights),
        initializer('bias', [bins], bias),
      ],
      input: [tensor('magnitude')],
      output: [tensor('mask')],
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

/**
 * Writes a models' folder with one tiny model in it.
 * @param root       folder to write into
 * @param overrides  other values for the manifest
 * @returns the manifest as written
 */
export function writeTinyModel(
  root: string,
  overrides: Partial<ManifestOf<'spectral-mask'>> = {},
): ManifestOf<'spectral-mask'> {
  const weights = tinyMaskModel();
  const manifest: ManifestOf<'spectral-mask'> = {
    ...fakeManifest,
    id: 'tiny',
    levels: [
      {
        id: 'fp32',
        file: 'model.onnx',
        sha256: createHash('sha256').update(weights).digest('hex'),
        sizeBytes: weights.length,
      },
    ],
    ...overrides,
  };
  const folder = join(root, manifest.id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), weights);
  writeFileSync(join(folder, 'model.json'), JSON.stringify(manifest));
  return manifest;
}
