import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import onnxProto from 'onnx-proto';
import { voiceCodesManifest, voiceSynthesisManifest } from '../models/voice-manifests.fake.js';
import { fakeCentres, fakeVoices } from './voice-host.fake.js';

const { onnx } = onnxProto;
const float = onnx.TensorProto.DataType.FLOAT;
/** mel frames of a code, and frames of the synthesis for one */
const stride = 2;

/** A tensor of a graph: names are free sizes. */
interface Port {
  readonly name: string;
  readonly shape: readonly (string | number)[];
}

/** What a convolution multiplies with, [outputs or inputs first][...][stride] as ONNX has it, and what it adds. */
interface Layer {
  readonly type: 'Conv' | 'ConvTranspose';
  readonly dims: readonly number[];
  readonly weight: (at: number) => number;
  readonly bias: readonly number[];
}

const constant = (name: string, sizes: readonly number[], values: Float32Array): object => ({
  ...{ name, dims: sizes, dataType: float, rawData: new Uint8Array(values.buffer) },
});

/** A real ONNX graph with the ports of a voice model. */
function graphOf(
  inputs: readonly Port[],
  output: Port,
  node: readonly object[],
  initializer: readonly object[],
): Uint8Array {
  const port = ({ name, shape }: Port): object => ({
    name,
    type: {
      tensorType: {
        elemType: float,
        shape: {
          dim: shape.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size })),
        },
      },
    },
  });
  const graph = {
    name: `tiny-${output.name}`,
    node: [...node],
    initializer: [...initializer],
    input: inputs.map(port),
    output: [port(output)],
  };
  const model = onnx.ModelProto.create({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph });
  return onnx.ModelProto.encode(model).finish();
}

/** One layer, which hears the first input alone. */
function oneLayer(inputs: readonly Port[], output: Port, { type, dims, weight, bias }: Layer): Uint8Array {
  const ints = (name: string): object => ({
    ...{ name, ints: [stride], type: onnx.AttributeProto.AttributeType.INTS },
  });
  const values = dims.reduce((product, size) => product * size, 1);
  const node = {
    ...{ opType: type, input: [inputs[0]!.name, 'weight', 'bias'], output: [output.name] },
    attribute: [ints('kernel_shape'), ints('strides')],
  };
  return graphOf(
    inputs,
    output,
    [node],
    [
      constant(
        'weight',
        dims,
        Float32Array.from({ length: values }, (_, at) => weight(at)),
      ),
      constant('bias', [bias.length], Float32Array.from(bias)),
    ],
  );
}

/** Small values of either sign, the same each time. */
const spread = (at: number): number => 0.01 * (((at * 7919) % 13) - 6);

function encoder(): Uint8Array {
  return oneLayer(
    [{ name: 'mel', shape: ['batch', 80, 'frames'] }],
    { name: 'z', shape: ['batch', 64, 'codes'] },
    { type: 'Conv', dims: [64, 80, stride], weight: spread, bias: new Array<number>(64).fill(0) },
  );
}

/** Fewer and weaker harmonics towards the top, no phase, a little noise. */
function synthesis(): Uint8Array {
  const bin = (k: number): number => k % 480;
  const bias = Array.from({ length: 1440 }, (_, k) => (k < 480 ? -k / 100 : k < 960 ? 0 : -5 - bin(k) / 200));
  return oneLayer(
    [
      { name: 'z', shape: ['batch', 64, 'codes'] },
      { name: 'pitch', shape: ['batch', 2, 'frames'] },
      { name: 'voice', shape: ['batch', 2] },
      { name: 'mode', shape: ['batch', 3] },
    ],
    { name: 'filters', shape: ['batch', 1440, 'frames'] },
    { type: 'ConvTranspose', dims: [64, 1440, stride], weight: (at) => spread(at) / 10, bias },
  );
}

/** How much lower and upper bands differ, over time; levels come in as they should be. */
function reference(): Uint8Array {
  const weights = Float32Array.from(
    { length: 160 },
    (_, at) => (at % 2 === 0 ? 1 : -1) * (at < 80 ? 0.01 : -0.01),
  );
  return graphOf(
    [{ name: 'mel', shape: ['batch', 80, 200] }],
    { name: 'voice', shape: ['batch', 2] },
    [
      { opType: 'GlobalAveragePool', input: ['mel'], output: ['pooled'] },
      { opType: 'Flatten', input: ['pooled'], output: ['bands'] },
      { opType: 'MatMul', input: ['bands', 'weight'], output: ['voice'] },
    ],
    [constant('weight', [80, 2], weights)],
  );
}

function checked(folder: string, file: string, bytes: Uint8Array): { sha256: string; sizeBytes: number } {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), bytes);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length };
}

/**
 * Installs an encoder and a synthesis that nobody trained, as files: what they say has the length, level and pauses of the recording
 * and no words. So the stage can be used where its own models are not.
 * @param root  folder of models
 */
export function writeTinyVoiceModels(root: string): void {
  const codes = voiceCodesManifest({ contextFrames: 0 });
  const codesFolder = join(root, codes.id);
  const centres = ({ buffer }: Float32Array): Uint8Array => new Uint8Array(buffer);
  const [level] = codes.levels;
  const { first, residual, voicing } = codes.codebooks;
  const firstFile = checked(codesFolder, first.file, centres(fakeCentres.first));
  const codesFile = {
    ...codes,
    levels: [{ ...level!, ...checked(codesFolder, level!.file, encoder()) }],
    codebooks: {
      ...codes.codebooks,
      first: { ...first, ...firstFile },
      residual: { ...residual, ...checked(codesFolder, residual.file, centres(fakeCentres.residual)) },
      voicing: { ...voicing, ...checked(codesFolder, voicing.file, Uint8Array.of(1, 1, 0, 0)) },
    },
  };
  writeFileSync(join(codesFolder, 'model.json'), JSON.stringify(codesFile));

  const speaking = voiceSynthesisManifest({ contextFrames: 0, codebookSha256: firstFile.sha256 });
  const folder = join(root, speaking.id);
  const [voice] = speaking.levels;
  const { reference: read } = speaking;
  const table = checked(folder, speaking.voices.file, Buffer.from(JSON.stringify(fakeVoices)));
  const speakingFile = {
    ...speaking,
    levels: [{ ...voice!, ...checked(folder, voice!.file, synthesis()) }],
    voices: { ...speaking.voices, ...table },
    reference: { ...read!, ...checked(folder, read!.file, reference()) },
  };
  writeFileSync(join(folder, 'model.json'), JSON.stringify(speakingFile));
}
