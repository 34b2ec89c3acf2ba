import { transpose } from '../dsp/spectrum.js';
import { kernelFrames, type BlockWeights, type GateWeights, type NetWeights } from './net-weights.js';

/** What `assembly/kernel.ts` exports; pointers are byte offsets into its memory. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  dataStart(): number;
  encode(
    magnitude: number,
    bins: number,
    weights: number,
    bias: number,
    x: number,
    channels: number,
    scratch: number,
  ): void;
  runBlock(block: number, x: number, scratch: number): number;
  decode(
    x: number,
    channels: number,
    weights: number,
    bias: number,
    mask: number,
    bins: number,
    scratch: number,
  ): void;
}

/** Where one block lies. */
export interface BlockPlace {
  readonly pointer: number;
  /** [2 * dilation + 1][hidden + 4], to be zeroed for a fresh start */
  readonly history: Float32Array;
}

/** A net laid out for the kernel; counts are padded as `assembly/kernel.ts` wants them, the padding is zero. */
export interface KernelMemory {
  readonly bins: number;
  readonly channels: number;
  readonly magnitude: number;
  readonly mask: number;
  readonly x: number;
  readonly scratch: number;
  readonly encoder: number;
  readonly encoderBias: number;
  readonly decoder: number;
  readonly decoderBias: number;
  readonly blocks: readonly BlockPlace[];
  /** the bits of all blocks, one behind the other */
  readonly gates: number;
}

const pageBytes = 65_536;
const wordBytes = 4;
/** A cache line, so that a row of weights touches no more of them than it must. */
const alignmentBytes = 64;
const channelGranule = 8;
const granule = 4;

/** Writes the net into the kernel's memory, which grows to what it takes. Afterwards it never grows again, so that views last. */
export function layOutNet(kernel: KernelExports, net: NetWeights): KernelMemory {
  const words = new MemoryWriter(kernel);
  const bins = padded(net.bins, granule);
  const channels = padded(net.channels, channelGranule);
  const hidden = Math.max(...net.blocks.map((block) => block.hidden));
  const width = Math.max(0, ...net.blocks.map(({ gate }) => padded(gate?.width ?? 0, granule)));
  const longestList = Math.max(bins, hidden, width) + granule;
  const gateCount = net.blocks.reduce((sum, block) => sum + (block.gate ? block.hidden : 0), 0);
  const gates = words.reserve(gateCount / wordBytes);
  const scratch = words.integers([
    words.integers(Array.from({ length: longestList }, (_, row) => row)),
    ...[hidden + granule, longestList, longestList, width, hidden].map((length) => words.reserve(length)),
  ]);
  let gatesBefore = 0;
  const blocks = net.blocks.map((block) => {
    const place = layOutBlock(words, block, net.channels, gates + gatesBefore);
    gatesBefore += block.gate ? block.hidden : 0;
    return place;
  });
  return {
    bins,
    channels,
    magnitude: words.reserve(bins),
    mask: words.reserve(bins),
    x: words.reserve(channels),
    scratch,
    encoder: words.matrix(transpose(net.encoder, net.channels, net.bins), net.bins, bins, channels),
    encoderBias: words.floats(net.encoderBias, channels),
    decoder: words.matrix(net.decoder, net.bins, bins, channels),
    decoderBias: words.floats(net.decoderBias, bins),
    // Views of memory only now that it has its size.
    blocks: blocks.map(({ pointer, history, historyLength }) => ({
      pointer,
      history: new Float32Array(kernel.memory.buffer, history, historyLength),
    })),
    gates,
  };
}

function layOutBlock(
  words: MemoryWriter,
  block: BlockWeights,
  netChannels: number,
  gates: number,
): { pointer: number; history: number; historyLength: number } {
  const { hidden, dilation, gate } = block;
  const channels = padded(netChannels, channelGranule);
  const project = transpose(block.project, netChannels, hidden);
  const historyLength = (2 * dilation + 1) * (hidden + granule);
  const history = words.reserve(historyLength);
  const pointer = words.integers([
    ...[channels, hidden, padded(gate?.width ?? 0, granule), dilation, 0],
    ...(gate ? layOutGate(words, gate, hidden, netChannels) : [0, 0, 0, 0]),
    words.matrix(block.expand, hidden, hidden + 1, channels),
    words.floats(block.expandBias, hidden + granule),
    words.floats(transpose(block.depthwise, hidden, kernelFrames), kernelFrames * hidden),
    words.floats(block.depthwiseBias, hidden),
    words.matrix(project, hidden, hidden + 1, channels),
    words.floats(block.projectBias, channels),
    history,
    gate ? gates : words.bytes(new Uint8Array(hidden).fill(1)),
  ]);
  return { pointer, history, historyLength };
}

/** @returns pointers in the order of the kernel's `Block` */
function layOutGate(words: MemoryWriter, gate: GateWeights, hidden: number, netChannels: number): number[] {
  const channels = padded(netChannels, channelGranule);
  const width = padded(gate.width, granule);
  return [
    words.matrix(gate.reduce, gate.width, width, channels),
    words.floats(gate.reduceBias, width),
    words.matrix(transpose(gate.select, hidden, gate.width), gate.width, width + 1, hidden),
    words.floats(gate.selectBias, hidden),
  ];
}

function padded(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}

/** Fills memory from the first free byte on; every piece starts on a cache line. Fresh memory is zero. */
class MemoryWriter {
  readonly #memory: WebAssembly.Memory;
  #next: number;

  constructor(kernel: KernelExports) {
    this.#memory = kernel.memory;
    this.#next = padded(kernel.dataStart(), alignmentBytes);
  }

  /** @returns where `length` words of zeros lie */
  reserve(length: number): number {
    const start = this.#next;
    this.#next += padded(length * wordBytes, alignmentBytes);
    const missing = this.#next - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
    return start;
  }

  integers(values: readonly number[]): number {
    const start = this.reserve(values.length);
    new Int32Array(this.#memory.buffer, start, values.length).set(values);
    return start;
  }

  bytes(values: Uint8Array): number {
    const start = this.reserve(Math.ceil(values.length / wordBytes));
    new Uint8Array(this.#memory.buffer, start, values.length).set(values);
    return start;
  }

  /** @param length  words to reserve, at least as many as there are values */
  floats(values: Float32Array, length: number): number {
    const start = this.reserve(length);
    new Float32Array(this.#memory.buffer, start, values.length).set(values);
    return start;
  }

  /** @returns where [rowsReserved][columnsReserved] lie, of which the first of both are the matrix */
  matrix(values: Float32Array, rows: number, rowsReserved: number, columnsReserved: number): number {
    const columns = values.length / rows;
    const start = this.reserve(rowsReserved * columnsReserved);
    const target = new Float32Array(this.#memory.buffer, start, rowsReserved * columnsReserved);
    for (let row = 0; row < rows; row++)
      target.set(values.subarray(row * columns, (row + 1) * columns), row * columnsReserved);
    return start;
  }
}
