import type { PlanarSamples } from '../dsp/planar.js';

/** One channel of a block. */
export type ChannelSamples = Float32Array | Float64Array;

/**
 * Quantises one channel into its places of an interleaved block: floor(x * `half` + 1/2), the exact inverse of reading
 * integer / `half`, so that integer samples come back bit for bit. Not a number becomes 0.
 * @param half  2^(bits - 1), up to 2^23
 * @param out   interleaved, [frames][channels]
 * @returns samples outside the range, which were set to its nearest end
 */
export function quantiseChannel(
  samples: ChannelSamples,
  half: number,
  out: Int32Array,
  channel: number,
  channels: number,
): number {
  // Shifted into the positive range, truncation to int32 is floor; that is twice as fast as Math.floor.
  const shift = half + 0.5;
  const top = 2 * half;
  let clipped = 0;
  for (let i = 0, k = channel; i < samples.length; i++, k += channels) {
    let shifted = samples[i]! * half + shift;
    if (!(shifted >= 0 && shifted < top)) {
      if (Number.isNaN(shifted)) shifted = half;
      else {
        clipped++;
        shifted = shifted < 0 ? 0 : top - 1;
      }
    }
    out[k] = (shifted | 0) - half;
  }
  return clipped;
}

/** {@link quantiseChannel} for 32 bits, whose shifted range does not fit an int32. */
export function quantiseChannelWide(
  samples: ChannelSamples,
  out: Int32Array,
  channel: number,
  channels: number,
): number {
  const half = 2 ** 31;
  let clipped = 0;
  for (let i = 0, k = channel; i < samples.length; i++, k += channels) {
    let value = Math.floor(samples[i]! * half + 0.5);
    if (value >= half) {
      clipped++;
      value = half - 1;
    } else if (value < -half) {
      clipped++;
      value = -half;
    }
    out[k] = value; // not a number becomes 0 in an integer array
  }
  return clipped;
}

/** @returns the first state of the dither of each channel, fixed, so that the same samples give the same file */
export function ditherStates(channels: number): Int32Array {
  return Int32Array.from({ length: channels }, (_, channel) => Math.imul(channel + 1, 0x9e3779b9));
}

/**
 * {@link quantiseChannel} with dither of triangular distribution, +-1 step. Each channel has its own generator, so the
 * result does not depend on how the stream is cut into blocks. Exact zeros stay zero: a muted region stays digital silence.
 * @param half    2^(bits - 1), up to 2^15
 * @param states  one generator state per channel, advanced by this call
 * @see Lipshitz, Wannamaker & Vanderkooy 1992, "Quantization and Dither"; Marsaglia 2003, "Xorshift RNGs"
 */
export function ditherChannel(
  samples: ChannelSamples,
  half: number,
  out: Int32Array,
  channel: number,
  channels: number,
  states: Int32Array,
): number {
  const top = 2 * half;
  let clipped = 0;
  let state = states[channel]!;
  for (let i = 0, k = channel; i < samples.length; i++, k += channels) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const sample = samples[i]!;
    if (sample === 0) {
      out[k] = 0;
      continue;
    }
    // Two 16-bit halves of one random number, added, make the triangle; its mean of 65535/65536 is taken off again.
    const triangle = ((state & 0xffff) + (state >>> 16) - 65535) / 65536;
    let shifted = sample * half + (half + 0.5) + triangle;
    if (!(shifted >= 0 && shifted < top)) {
      if (Number.isNaN(shifted)) shifted = half;
      else {
        clipped++;
        shifted = shifted < 0 ? 0 : top - 1;
      }
    }
    out[k] = (shifted | 0) - half;
  }
  states[channel] = state;
  return clipped;
}

/**
 * Packs 32-bit integers into 16 bits each, little-endian; several times faster than copying between typed arrays.
 * @param out  at least 2 bytes per value, starting at a multiple of 4
 */
export function pack16(values: Int32Array, out: Uint8Array): void {
  const pairs = values.length >>> 1;
  const words = new Int32Array(out.buffer, out.byteOffset, pairs);
  for (let i = 0, pair = 0; pair < pairs; pair++, i += 2) {
    words[pair] = (values[i]! & 0xffff) | (values[i + 1]! << 16);
  }
  if (values.length % 2 === 1) {
    const last = values[values.length - 1]!;
    out[values.length * 2 - 2] = last;
    out[values.length * 2 - 1] = last >> 8;
  }
}

/**
 * Packs 32-bit integers into 24 bits each, little-endian.
 * @param out  at least 3 bytes per value, starting at a multiple of 4
 */
export function pack24(values: Int32Array, out: Uint8Array): void {
  // Four values fill three words; words are four times fewer stores than bytes.
  const quads = values.length >>> 2;
  const words = new Int32Array(out.buffer, out.byteOffset, quads * 3);
  for (let i = 0, k = 0, quad = 0; quad < quads; quad++, i += 4, k += 3) {
    const b = values[i + 1]!;
    const c = values[i + 2]!;
    words[k] = (values[i]! & 0xffffff) | (b << 24);
    words[k + 1] = ((b >>> 8) & 0xffff) | (c << 16);
    words[k + 2] = ((c >>> 16) & 0xff) | (values[i + 3]! << 8);
  }
  for (let i = quads * 4; i < values.length; i++) {
    const value = values[i]!;
    out[i * 3] = value;
    out[i * 3 + 1] = value >> 8;
    out[i * 3 + 2] = value >> 16;
  }
}

/** Interleaves without change: [channels][frames] -> [frames][channels]. */
export function interleave(block: PlanarSamples, out: Float32Array | Float64Array): void {
  const channels = block.length;
  for (let channel = 0; channel < channels; channel++) {
    const samples = block[channel]!;
    for (let i = 0, k = channel; i < samples.length; i++, k += channels) out[k] = samples[i]!;
  }
}

/**
 * Interleaves for a lossy encoder, which must not be handed what a player cannot play: clipped to +-1, not a number
 * becomes 0.
 * @returns samples clipped
 */
export function interleaveClipped(block: PlanarSamples, out: Float32Array): number {
  const channels = block.length;
  let clipped = 0;
  for (let channel = 0; channel < channels; channel++) {
    const samples = block[channel]!;
    for (let i = 0, k = channel; i < samples.length; i++, k += channels) {
      let sample = samples[i]!;
      if (!(sample >= -1 && sample <= 1)) {
        if (Number.isNaN(sample)) sample = 0;
        else {
          clipped++;
          sample = sample < 0 ? -1 : 1;
        }
      }
      out[k] = sample;
    }
  }
  return clipped;
}
