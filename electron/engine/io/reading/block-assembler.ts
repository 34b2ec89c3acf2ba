import type { Precision } from '../audio-reader.js';

/** Planar samples of one precision. */
export type PlanarOf<P extends Precision> = P extends 'float32' ? Float32Array[] : Float64Array[];

/**
 * Turns a decoder's bytes (interleaved little-endian floats, cut anywhere) into planar blocks of one size.
 * Little-endian hosts only, which all systems that Electron runs on are.
 */
export class BlockAssembler<P extends Precision> {
  readonly #channels: number;
  readonly #blockFrames: number;
  readonly #sampleBytes: 4 | 8;
  #block: Float32Array[] | Float64Array[];
  #filledFrames = 0;
  /** beginning of a sample frame whose rest has not come yet, [0 .. frameBytes - 1] in use */
  #leftover = Buffer.alloc(0);
  /** aligned copy for bytes that cannot be viewed where they lie; grows to the largest chunk */
  #aligned = new ArrayBuffer(0);

  constructor(precision: P, channels: number, blockFrames: number) {
    this.#channels = channels;
    this.#blockFrames = blockFrames;
    this.#sampleBytes = precision === 'float32' ? 4 : 8;
    this.#block = this.#emptyBlock();
  }

  /**
   * @param bytes  next bytes of the stream; not kept
   * @returns the blocks that became full, [channels][blockFrames] each; owned by the caller
   */
  *push(bytes: Buffer): Generator<PlanarOf<P>> {
    const frameBytes = this.#channels * this.#sampleBytes;
    const total = this.#leftover.length + bytes.length;
    const frames = Math.floor(total / frameBytes);
    if (frames === 0) {
      this.#leftover = Buffer.concat([this.#leftover, bytes]);
      return;
    }
    const samples = this.#view(bytes, frames * this.#channels);
    // Copied, so that a few bytes do not keep a whole chunk alive.
    const kept = Buffer.from(bytes.subarray(frames * frameBytes - this.#leftover.length));
    let frame = 0;
    while (frame < frames) {
      const count = Math.min(frames - frame, this.#blockFrames - this.#filledFrames);
      deinterleave(samples, frame, this.#block, this.#filledFrames, count);
      frame += count;
      this.#filledFrames += count;
      if (this.#filledFrames === this.#blockFrames) {
        const full = this.#block;
        this.#block = this.#emptyBlock();
        this.#filledFrames = 0;
        yield full as PlanarOf<P>;
      }
    }
    this.#leftover = kept;
  }

  /** @returns the last, shorter block, [channels][1 .. blockFrames - 1]; null when nothing is left */
  rest(): PlanarOf<P> | null {
    if (this.#filledFrames === 0) return null;
    const frames = this.#filledFrames;
    this.#filledFrames = 0;
    return this.#block.map((samples) => samples.slice(0, frames)) as PlanarOf<P>;
  }

  #emptyBlock(): Float32Array[] | Float64Array[] {
    return this.#sampleBytes === 4
      ? Array.from({ length: this.#channels }, () => new Float32Array(this.#blockFrames))
      : Array.from({ length: this.#channels }, () => new Float64Array(this.#blockFrames));
  }

  #view(bytes: Buffer, count: number): Float32Array | Float64Array {
    let { buffer, byteOffset } = bytes as { buffer: ArrayBufferLike; byteOffset: number };
    if (this.#leftover.length > 0 || byteOffset % this.#sampleBytes !== 0) {
      const total = this.#leftover.length + bytes.length;
      if (this.#aligned.byteLength < total) this.#aligned = new ArrayBuffer(total);
      const copy = Buffer.from(this.#aligned);
      this.#leftover.copy(copy);
      bytes.copy(copy, this.#leftover.length);
      buffer = this.#aligned;
      byteOffset = 0;
    }
    return this.#sampleBytes === 4
      ? new Float32Array(buffer, byteOffset, count)
      : new Float64Array(buffer, byteOffset, count);
  }
}

/**
 * Copies sample frames from interleaved to planar.
 * @param from  interleaved, [frames][channels]
 * @param into  planar, [channels][frames]; `count` frames are written from `intoFrame` on
 */
function deinterleave(
  from: Float32Array | Float64Array,
  fromFrame: number,
  into: readonly (Float32Array | Float64Array)[],
  intoFrame: number,
  count: number,
): void {
  const [first, second] = into;
  if (first === undefined) return;
  if (second === undefined) {
    first.set(from.subarray(fromFrame, fromFrame + count), intoFrame);
    return;
  }
  // Stereo is nearly every recording, and one pass over two channels halves the memory traffic.
  if (into.length === 2) {
    for (let i = 0, at = fromFrame * 2; i < count; i++, at += 2) {
      first[intoFrame + i] = from[at]!;
      second[intoFrame + i] = from[at + 1]!;
    }
    return;
  }
  for (let channel = 0; channel < into.length; channel++) {
    const samples = into[channel]!;
    for (let i = 0, at = fromFrame * into.length + channel; i < count; i++, at += into.length) {
      samples[intoFrame + i] = from[at]!;
    }
  }
}
