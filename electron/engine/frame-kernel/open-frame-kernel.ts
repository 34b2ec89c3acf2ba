import type { FrameKernel } from './frame-kernel.js';
import { kernelWasm } from './generated/kernel-wasm.js';
import { layOutNet, type KernelExports, type KernelMemory } from './kernel-memory.js';
import { kernelFrames, readNetWeights, type NetWeights } from './net-weights.js';

let compiled: WebAssembly.Module | undefined;

/**
 * Opens a Conv-FSENet, dense or with gates, for work frame by frame. Does not wait, so that the constructor of an audio
 * processor may call it; memory is all taken here, and `process` allocates nothing. The garbage collector closes it.
 *
 * A channel that its gate switches off costs nothing in `expand` and `project`; the depthwise convolution, 1 % of the work, is
 * computed for all, which is quicker than to choose. `project` also leaves out channels that the rectifier before it silenced,
 * in a dense net too, but only gates count as saved in what `process` returns.
 * @param onnx  an ONNX file as it lies on the disk; not kept
 * @throws RangeError when the file is damaged or holds another kind of net
 */
export function openFrameKernel(onnx: Uint8Array): FrameKernel {
  const net = readNetWeights(onnx);
  compiled ??= new WebAssembly.Module(kernelWasm);
  const kernel = new WebAssembly.Instance(compiled).exports as unknown as KernelExports;
  return new WasmFrameKernel(kernel, net);
}

class WasmFrameKernel implements FrameKernel {
  readonly bins: number;
  readonly gateCount: number;
  readonly denseMacs: number;
  readonly mask: Float32Array;
  readonly gates: Uint8Array;
  readonly #kernel: KernelExports;
  readonly #memory: KernelMemory;
  readonly #magnitude: Float32Array;
  /** of a frame with every channel off, gates included */
  readonly #fixedMacs: number;
  /** of one hidden channel */
  readonly #channelMacs: number;

  constructor(kernel: KernelExports, net: NetWeights) {
    const memory = layOutNet(kernel, net);
    const { buffer } = kernel.memory;
    this.#kernel = kernel;
    this.#memory = memory;
    this.bins = net.bins;
    this.gateCount = net.blocks.reduce((sum, { gate, hidden }) => sum + (gate ? hidden : 0), 0);
    this.mask = new Float32Array(buffer, memory.mask, net.bins);
    this.gates = new Uint8Array(buffer, memory.gates, this.gateCount);
    this.#magnitude = new Float32Array(buffer, memory.magnitude, net.bins);
    this.#channelMacs = 2 * net.channels + kernelFrames;
    const endMacs = 2 * net.bins * net.channels;
    this.#fixedMacs = net.blocks.reduce(
      (sum, { gate, hidden }) => sum + (gate ? gate.width * (net.channels + hidden) : 0),
      endMacs,
    );
    const hiddenChannels = net.blocks.reduce((sum, { hidden }) => sum + hidden, 0);
    this.denseMacs = endMacs + this.#channelMacs * hiddenChannels;
  }

  process(magnitude: Float32Array): number {
    const kernel = this.#kernel;
    const { bins, channels, x, scratch, blocks, encoder, encoderBias, decoder, decoderBias } = this.#memory;
    this.#magnitude.set(magnitude);
    kernel.encode(this.#memory.magnitude, bins, encoder, encoderBias, x, channels, scratch);
    let open = 0;
    for (let i = 0; i < blocks.length; i++) open += kernel.runBlock(blocks[i]!.pointer, x, scratch);
    kernel.decode(x, channels, decoder, decoderBias, this.#memory.mask, bins, scratch);
    return this.#fixedMacs + this.#channelMacs * open;
  }

  reset(): void {
    for (const { history } of this.#memory.blocks) history.fill(0);
    this.mask.fill(0);
    this.gates.fill(0);
  }
}
