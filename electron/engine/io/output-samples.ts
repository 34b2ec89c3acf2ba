import { endianness } from 'node:os';
import { AppError } from '../../contract/app-error.js';
import { frameCount, type PlanarSamples } from '../dsp/planar.js';
import {
  ditherChannel,
  ditherStates,
  interleave,
  interleaveClipped,
  pack16,
  pack24,
  quantiseChannel,
  quantiseChannelWide,
} from './output-quantise.js';

/** How one sample is stored, little-endian; `f32clipped` is float32 held to +-1 for lossy encoders. */
export type SampleLayout = 'u8' | 's16' | 's24' | 's32' | 'f32' | 'f64' | 'f32clipped';

const widthBytes: Record<SampleLayout, number> = {
  u8: 1,
  s16: 2,
  s24: 3,
  s32: 4,
  f32: 4,
  f64: 8,
  f32clipped: 4,
};

/** Turns planar blocks into interleaved bytes. Its buffers grow to the largest block and are then reused. */
export class SamplePacker {
  readonly layout: SampleLayout;
  readonly channels: number;
  readonly #states: Int32Array | null;
  #integers = new Int32Array(0);
  #bytes = new Uint8Array(0);
  #clippedSamples = 0;

  /** @param dither  triangular dither; only where `layout` has 16 bits or fewer, elsewhere it is not used */
  constructor(layout: SampleLayout, channels: number, dither: boolean) {
    // Typed arrays have the machine's byte order; all platforms that Electron runs on are little-endian.
    if (endianness() !== 'LE')
      throw new AppError('INTERNAL', 'Expected a little-endian machine, found another.');
    this.layout = layout;
    this.channels = channels;
    this.#states = dither && (layout === 'u8' || layout === 's16') ? ditherStates(channels) : null;
  }

  /** samples set to full scale so far; 0 for `f32` and `f64` */
  get clippedSamples(): number {
    return this.#clippedSamples;
  }

  /** bytes of one sample frame */
  get frameBytes(): number {
    return widthBytes[this.layout] * this.channels;
  }

  /**
   * @param block  [channels][frames]; not modified
   * @returns [frames][channels], valid until the next call
   * @throws AppError INVALID_ARGUMENT when the block has other channels than the stream, or channels of unequal length
   */
  pack(block: PlanarSamples): Uint8Array {
    const frames = frameCount(block);
    if (block.length !== this.channels || block.some((samples) => samples.length !== frames)) {
      throw new AppError(
        'INVALID_ARGUMENT',
        `Expected ${this.channels} channels of equal length, found lengths ` +
          `[${block.map((samples) => samples.length).join(', ')}].`,
      );
    }
    const samples = frames * this.channels;
    const bytes = this.#room(samples * widthBytes[this.layout]);
    switch (this.layout) {
      case 'f32':
        interleave(block, new Float32Array(bytes.buffer, 0, samples));
        break;
      case 'f64':
        interleave(block, new Float64Array(bytes.buffer, 0, samples));
        break;
      case 'f32clipped':
        this.#clippedSamples += interleaveClipped(block, new Float32Array(bytes.buffer, 0, samples));
        break;
      case 's32':
        this.#quantise(block, new Int32Array(bytes.buffer, 0, samples));
        break;
      default:
        this.#narrow(this.#quantise(block, this.#integerRoom(samples)), bytes);
    }
    return bytes;
  }

  #quantise(block: PlanarSamples, out: Int32Array): Int32Array {
    const half = 2 ** (widthBytes[this.layout] * 8 - 1);
    for (let channel = 0; channel < this.channels; channel++) {
      const samples = block[channel]!;
      if (this.layout === 's32') {
        this.#clippedSamples += quantiseChannelWide(samples, out, channel, this.channels);
      } else if (this.#states === null) {
        this.#clippedSamples += quantiseChannel(samples, half, out, channel, this.channels);
      } else {
        this.#clippedSamples += ditherChannel(samples, half, out, channel, this.channels, this.#states);
      }
    }
    return out;
  }

  #narrow(integers: Int32Array, bytes: Uint8Array): void {
    if (this.layout === 's24') pack24(integers, bytes);
    else if (this.layout === 's16') pack16(integers, bytes);
    else for (let i = 0; i < integers.length; i++) bytes[i] = integers[i]! + 128;
  }

  #room(bytes: number): Uint8Array<ArrayBuffer> {
    // A multiple of 8, so that every typed array fits over it.
    if (this.#bytes.length < bytes) this.#bytes = new Uint8Array(Math.ceil(bytes / 8) * 8);
    return new Uint8Array(this.#bytes.buffer, 0, bytes);
  }

  #integerRoom(samples: number): Int32Array {
    if (this.#integers.length < samples) this.#integers = new Int32Array(samples);
    return this.#integers.subarray(0, samples);
  }
}
