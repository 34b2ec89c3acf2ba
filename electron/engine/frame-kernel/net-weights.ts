import { readOnnxInitialisers, readOnnxMetadata, type Initialiser } from './onnx-initialisers.js';

/** Two pointwise layers from a block's input to one logit per hidden channel. */
export interface GateWeights {
  readonly width: number;
  /** [width][channels] */
  readonly reduce: Float32Array;
  readonly reduceBias: Float32Array;
  /** [hidden][width] */
  readonly select: Float32Array;
  readonly selectBias: Float32Array;
}

/** One residual block. */
export interface BlockWeights {
  readonly hidden: number;
  /** frames between the taps of the depthwise convolution */
  readonly dilation: number;
  /** [hidden][channels] */
  readonly expand: Float32Array;
  readonly expandBias: Float32Array;
  /** [hidden][3], oldest tap first */
  readonly depthwise: Float32Array;
  readonly depthwiseBias: Float32Array;
  /** [channels][hidden] */
  readonly project: Float32Array;
  readonly projectBias: Float32Array;
  readonly gate: GateWeights | undefined;
}

/** A Conv-FSENet with its batch norms folded away; matrices are row-major, biases [rows]. */
export interface NetWeights {
  readonly bins: number;
  readonly channels: number;
  /** [channels][bins] */
  readonly encoder: Float32Array;
  readonly encoderBias: Float32Array;
  readonly blocks: readonly BlockWeights[];
  /** [bins][channels] */
  readonly decoder: Float32Array;
  readonly decoderBias: Float32Array;
}

/** Taps of the depthwise convolution. */
export const kernelFrames = 3;
/** Channels of a block come in groups of one SIMD vector. */
const hiddenGranule = 4;
const largestDilation = 1024;

/**
 * Finds the layers of a Conv-FSENet by the names its export keeps.
 * @param onnx  the file's bytes; not kept
 * @throws RangeError when the file is damaged, or its layers are not those of a Conv-FSENet
 */
export function readNetWeights(onnx: Uint8Array): NetWeights {
  const layers = new Layers(readOnnxInitialisers(onnx));
  const [channels = 0, bins = 0] = layers.shapeOf('encoder.weight');
  const dilations = readDilations(readOnnxMetadata(onnx).get('dilations'));
  const blocks = dilations.map((dilation, i) => readBlock(layers, `blocks.${i}`, channels, dilation));
  const gated = blocks.filter(({ gate }) => gate !== undefined).length;
  if (gated !== 0 && gated !== blocks.length)
    throw notOurs(`gates in all blocks or in none`, `${gated} in ${blocks.length} blocks`);
  if (layers.has(`blocks.${blocks.length}.expand.weight`))
    throw notOurs(`as many dilations as blocks`, `${blocks.length} dilations for more blocks`);
  return {
    bins,
    channels,
    encoder: layers.take('encoder.weight', [channels, bins, 1]),
    encoderBias: layers.take('encoder.bias', [channels]),
    blocks,
    decoder: layers.take('decoder.weight', [bins, channels, 1]),
    decoderBias: layers.take('decoder.bias', [bins]),
  };
}

function readBlock(layers: Layers, name: string, channels: number, dilation: number): BlockWeights {
  const [hidden = 0] = layers.shapeOf(`${name}.expand.weight`);
  if (hidden === 0 || hidden % hiddenGranule !== 0)
    throw notOurs(`a multiple of ${hiddenGranule} hidden channels in ${name}`, `${hidden}`);
  return {
    hidden,
    dilation,
    expand: layers.take(`${name}.expand.weight`, [hidden, channels, 1]),
    expandBias: layers.take(`${name}.expand.bias`, [hidden]),
    depthwise: layers.take(`${name}.depthwise.weight`, [hidden, 1, kernelFrames]),
    depthwiseBias: layers.take(`${name}.depthwise.bias`, [hidden]),
    project: layers.take(`${name}.project.weight`, [channels, hidden, 1]),
    projectBias: layers.take(`${name}.project.bias`, [channels]),
    gate: layers.has(`${name}.gate.reduce.weight`)
      ? readGate(layers, `${name}.gate`, channels, hidden)
      : undefined,
  };
}

function readGate(layers: Layers, name: string, channels: number, hidden: number): GateWeights {
  const [width = 0] = layers.shapeOf(`${name}.reduce.weight`);
  return {
    width,
    reduce: layers.take(`${name}.reduce.weight`, [width, channels, 1]),
    reduceBias: layers.take(`${name}.reduce.bias`, [width]),
    select: layers.take(`${name}.select.weight`, [hidden, width, 1]),
    selectBias: layers.take(`${name}.select.bias`, [hidden]),
  };
}

function readDilations(text: string | undefined): number[] {
  const dilations = (text ?? '').split(',').map(Number);
  if (dilations.every((value) => Number.isInteger(value) && value >= 1 && value <= largestDilation))
    return dilations;
  throw notOurs(
    'the dilations of its blocks ("1,2,4") in the metadata',
    text === undefined ? 'none' : `"${text}"`,
  );
}

class Layers {
  readonly #initialisers: ReadonlyMap<string, Initialiser>;

  constructor(initialisers: ReadonlyMap<string, Initialiser>) {
    this.#initialisers = initialisers;
  }

  has(name: string): boolean {
    return this.#initialisers.has(name);
  }

  shapeOf(name: string): readonly number[] {
    const initialiser = this.#initialisers.get(name);
    if (initialiser) return initialiser.shape;
    throw notOurs(`a weight "${name}"`, `none of that name among ${this.#initialisers.size}`);
  }

  take(name: string, shape: readonly number[]): Float32Array {
    const found = this.shapeOf(name);
    const { data } = this.#initialisers.get(name)!;
    if (found.length !== shape.length || found.some((size, i) => size !== shape[i]) || data.length === 0)
      throw notOurs(`"${name}" of shape [${shape.join(', ')}]`, `[${found.join(', ')}]`);
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += data[i]!;
    if (!Number.isFinite(sum)) throw notOurs(`finite numbers in "${name}"`, `the sum ${sum}`);
    return data;
  }
}

function notOurs(expected: string, found: string): RangeError {
  return new RangeError(
    `Expected a Conv-FSENet with ${expected}, found ${found}. Take a file that native-models' export wrote.`,
  );
}
