import { writeFile } from 'node:fs/promises';
import { spawnTool } from '../ffmpeg/tool-process.js';

/** Runs ffmpeg over arguments, feeding `input` where the arguments read `pipe:0`. */
export async function ffmpeg(toolArguments: readonly string[], input?: Buffer): Promise<void> {
  const tool = await spawnTool('ffmpeg', ['-y', ...toolArguments], { input: 'pipe' });
  tool.stdout.resume();
  try {
    if (input !== undefined) await tool.write(input);
    tool.endInput();
    await tool.succeed();
  } finally {
    tool.kill();
  }
}

/** @returns numbers that look random but are the same for one seed, each in [0, 1) */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // Numerical Recipes' linear congruential generator; the low bits are poor, so only the high ones are used.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @returns `count` integers of `bits` bits, both extremes among them */
export function randomIntegers(count: number, bits: number, seed: number): Int32Array {
  const next = randomNumbers(seed);
  const full = 2 ** (bits - 1);
  const values = Int32Array.from({ length: count }, () => Math.floor(next() * 2 * full) - full);
  if (count > 2) values.set([-full, full - 1], 0);
  return values;
}

/** Interleaved sample formats of WAV files that the tests write byte by byte. */
export type WavSample = 'u8' | 's16' | 's24' | 's32' | 'f32' | 'f64';

const sampleBytes: Record<WavSample, number> = { u8: 1, s16: 2, s24: 3, s32: 4, f32: 4, f64: 8 };

/** @returns little-endian bytes of `values`: integers of the format's own size, or floats */
export function packSamples(values: ArrayLike<number>, sample: WavSample): Buffer {
  const size = sampleBytes[sample];
  const bytes = Buffer.alloc(values.length * size);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (sample === 'u8') bytes.writeUInt8(value + 128, i);
    else if (sample === 'f32') bytes.writeFloatLE(value, i * 4);
    else if (sample === 'f64') bytes.writeDoubleLE(value, i * 8);
    else bytes.writeIntLE(value, i * size, size);
  }
  return bytes;
}

/** @returns a chunk with its header and padding byte */
export function chunk(id: string, data: Buffer | string, littleEndian = true): Buffer {
  const body = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
  const header = Buffer.alloc(8);
  header.write(id, 0, 'latin1');
  if (littleEndian) header.writeUInt32LE(body.length, 4);
  else header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body, Buffer.alloc(body.length % 2)]);
}

/** @returns an atom of MP4 with its header */
export function atom(id: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(id, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** @see wavFile */
export interface WavDescription {
  readonly sample: WavSample;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly data: Buffer;
  /** WAVE_FORMAT_EXTENSIBLE with this channel mask */
  readonly channelMask?: number;
  readonly before?: readonly Buffer[];
  readonly after?: readonly Buffer[];
}

/** @returns the bytes of a WAV file */
export function wavFile(description: WavDescription): Buffer {
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    chunk('fmt ', wavFormat(description)),
    ...(description.before ?? []),
    chunk('data', description.data),
    ...(description.after ?? []),
  ]);
  const head = Buffer.alloc(8);
  head.write('RIFF');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** @returns the same sound under an RF64 header, whose 32-bit sizes say nothing */
export function rf64File(description: WavDescription): Buffer {
  const sizes = Buffer.alloc(28);
  const frameBytes = sampleBytes[description.sample] * description.channels;
  const format = chunk('fmt ', wavFormat(description));
  const rest = Buffer.concat([format, ...(description.before ?? [])]);
  sizes.writeBigUInt64LE(BigInt(4 + 36 + rest.length + 8 + description.data.length), 0);
  sizes.writeBigUInt64LE(BigInt(description.data.length), 8);
  sizes.writeBigUInt64LE(BigInt(description.data.length / frameBytes), 16);
  const data = chunk('data', description.data);
  data.writeUInt32LE(0xffffffff, 4);
  const head = Buffer.from('RF64\xff\xff\xff\xffWAVE', 'latin1');
  return Buffer.concat([head, chunk('ds64', sizes), rest, data, ...(description.after ?? [])]);
}

function wavFormat(description: WavDescription): Buffer {
  const size = sampleBytes[description.sample];
  const tag = description.sample.startsWith('f') ? 3 : 1;
  const extensible = description.channelMask !== undefined;
  const format = Buffer.alloc(extensible ? 40 : 16);
  format.writeUInt16LE(extensible ? 0xfffe : tag, 0);
  format.writeUInt16LE(description.channels, 2);
  format.writeUInt32LE(description.sampleRateHz, 4);
  format.writeUInt32LE(description.sampleRateHz * description.channels * size, 8);
  format.writeUInt16LE(description.channels * size, 12);
  format.writeUInt16LE(size * 8, 14);
  if (extensible) {
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(size * 8, 18);
    format.writeUInt32LE(description.channelMask ?? 0, 20);
    format.writeUInt16LE(tag, 24);
    Buffer.from('000000001000800000aa00389b71', 'hex').copy(format, 26);
  }
  return format;
}

/** Writes integers of `bits` bits through one of ffmpeg's lossless encoders. */
export async function encodeIntegers(
  path: string,
  values: Int32Array,
  options: {
    readonly bits: number;
    readonly channels: number;
    readonly sampleRateHz: number;
    readonly encoder: readonly string[];
  },
): Promise<void> {
  const raw = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => raw.writeInt32LE(value * 2 ** (32 - options.bits), i * 4));
  const { sampleRateHz, channels, encoder } = options;
  const source = ['-f', 's32le', '-ar', String(sampleRateHz), '-ac', String(channels), '-i', 'pipe:0'];
  await ffmpeg([...source, ...encoder, `file:${path}`], raw);
}

/** Writes a WAV file of `seconds` of band-limited noise, the same on every run; for codecs that change samples. */
export async function writeNoise(
  path: string,
  options: { readonly seconds: number; readonly channels: number; readonly sampleRateHz: number },
): Promise<Int32Array> {
  const next = randomNumbers(11);
  const frames = Math.round(options.seconds * options.sampleRateHz);
  const values = new Int32Array(frames * options.channels);
  const state = new Float64Array(options.channels);
  for (let i = 0; i < values.length; i++) {
    const channel = i % options.channels;
    // One pole low-pass: codecs drop the top of the band, and the lag must still be found.
    state[channel] = 0.9 * state[channel]! + 0.1 * (next() * 2 - 1);
    values[i] = Math.round(state[channel] * 30000);
  }
  const { channels, sampleRateHz } = options;
  await writeFile(path, wavFile({ sample: 's16', channels, sampleRateHz, data: packSamples(values, 's16') }));
  return values;
}
