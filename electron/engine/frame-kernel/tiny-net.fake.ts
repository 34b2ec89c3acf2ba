import onnxProto from 'onnx-proto';
import { whiteNoise } from '../dsp/noise.fake.js';

const { onnx } = onnxProto;
const float = onnx.TensorProto.DataType.FLOAT;

/** Sizes of a {@link tinyNet}; the defaults make a gated net of 2 blocks that reads the product's 257 bins. */
export interface TinyNetOptions {
  readonly bins?: number;
  readonly channels?: number;
  readonly hidden?: number;
  readonly dilations?: readonly number[];
  /** 0 makes a dense net */
  readonly gateWidth?: number;
  /** added to every gate's logit: the higher, the more channels are on */
  readonly gateBias?: number;
  readonly seed?: number;
  /** what stands under `dilations` in the metadata; null leaves it out */
  readonly dilationsText?: string | null;
  /** replaces weights by name, or takes them out */
  readonly overrides?: Readonly<Record<string, { shape: number[]; data: Float32Array } | null>>;
}

type Proto = object;

/**
 * A whole Conv-FSENet with random weights as the product's export writes it: the frame kernel reads its names, and ONNX Runtime
 * runs its graph. Outputs `mask` (1, bins, frames) and, with gates, `gates` (1, blocks * hidden, frames) and their
 * `logits`, which the product's files do not give.
 * @returns the serialised model
 */
export function tinyNet(options: TinyNetOptions = {}): Uint8Array {
  const { bins = 257, channels = 8, hidden = 12, dilations = [1, 2], gateWidth = 4, gateBias = 0 } = options;
  const weights: Proto[] = [];
  const nodes: Proto[] = [];
  let seed = options.seed ?? 1;

  const constant = (name: string, shape: number[], data: Float32Array): string => {
    const override = options.overrides?.[name];
    if (override === null) return name;
    const given = override ?? { shape, data };
    const rawData = new Uint8Array(given.data.buffer, given.data.byteOffset, given.data.byteLength);
    weights.push({ name, dims: given.shape, dataType: float, rawData });
    return name;
  };
  const node = (opType: string, input: string[], output: string, attribute: Proto[] = []): string => {
    nodes.push({ opType, input, output: [output], attribute });
    return output;
  };
  /** A convolution over frames, named as in the export. */
  const conv = (
    name: string,
    input: string,
    shape: [number, number, number],
    offset: number,
    dilation = 0,
  ): string => {
    const [outputs, inputs, taps] = shape;
    const amplitude = Math.sqrt(3 / (inputs * taps));
    const weight = constant(`${name}.weight`, shape, whiteNoise(outputs * inputs * taps, seed++, amplitude));
    const bias = constant(
      `${name}.bias`,
      [outputs],
      whiteNoise(outputs, seed++, 0.3).map((value) => value + offset),
    );
    return node('Conv', [input, weight, bias], name, [
      ints('kernel_shape', [taps]),
      ints('dilations', [Math.max(1, dilation)]),
      ints('pads', [(taps - 1) * dilation, 0]),
      int('group', dilation > 0 ? outputs : 1),
    ]);
  };
  const relu = (input: string): string => node('Relu', [input], `${input}.relu`);

  const raised = node('Add', ['magnitude', constant('floor', [1], Float32Array.of(1e-9))], 'raised');
  const compressed = node('Pow', [raised, constant('power', [1], Float32Array.of(0.3))], 'compressed');
  let x = relu(conv('encoder', compressed, [channels, bins, 1], 0));
  const gates: string[] = [];
  const allLogits: string[] = [];
  dilations.forEach((dilation, i) => {
    const name = `blocks.${i}`;
    let open: string | undefined;
    if (gateWidth > 0) {
      const reduced = relu(conv(`${name}.gate.reduce`, x, [gateWidth, channels, 1], 0));
      const logits = conv(`${name}.gate.select`, reduced, [hidden, gateWidth, 1], gateBias);
      allLogits.push(logits);
      const zero = constant(`${name}.zero`, [1], Float32Array.of(0));
      open = node('Cast', [node('Greater', [logits, zero], `${name}.open`)], `${name}.gates`, [
        int('to', float),
      ]);
      gates.push(open);
    }
    const gated = (input: string): string => (open ? node('Mul', [input, open], `${input}.gated`) : input);
    const u = gated(relu(conv(`${name}.expand`, x, [hidden, channels, 1], 0)));
    const v = gated(relu(conv(`${name}.depthwise`, u, [hidden, 1, 3], 0, dilation)));
    x = node('Add', [x, conv(`${name}.project`, v, [channels, hidden, 1], 0)], `${name}.sum`);
  });
  node('Sigmoid', [conv('decoder', x, [bins, channels, 1], 0)], 'mask');
  if (gates.length > 0) {
    node('Concat', gates, 'gates', [int('axis', 1)]);
    node('Concat', allLogits, 'logits', [int('axis', 1)]);
  }

  const { dilationsText = dilations.join(',') } = options;
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    metadataProps: dilationsText === null ? [] : [{ key: 'dilations', value: dilationsText }],
    graph: {
      name: 'tiny-net',
      node: nodes,
      initializer: weights,
      input: [tensor('magnitude', bins)],
      output: [
        tensor('mask', bins),
        ...(gates.length > 0 ? ['gates', 'logits'] : []).map((name) =>
          tensor(name, dilations.length * hidden),
        ),
      ],
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

function tensor(name: string, rows: number): Proto {
  const dim = [{ dimParam: 'batch' }, { dimValue: rows }, { dimParam: 'frames' }];
  return { name, type: { tensorType: { elemType: float, shape: { dim } } } };
}

function int(name: string, value: number): Proto {
  return { name, i: value, type: onnx.AttributeProto.AttributeType.INT };
}

function ints(name: string, values: number[]): Proto {
  return { name, ints: values, type: onnx.AttributeProto.AttributeType.INTS };
}
