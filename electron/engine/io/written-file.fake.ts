import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Proof } from '../../contract/report.js';
import type { PlanarSamples } from '../dsp/planar.js';
import { openWriter, type WriterOptions } from './open-writer.js';

/** Seed of all generated sound, printed by a failing test through its name. */
export const soundSeed = 20261121;

/** @returns deterministic numbers in [0, 1) @see Marsaglia 2003, "Xorshift RNGs" */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** @returns integers of `bits` as planar float64, [channels][frames], both ends of the range among them */
export function integerNoise(bits: number, channels: number, frames: number): Float64Array[] {
  const random = randomNumbers(soundSeed + bits * 16 + channels);
  const half = 2 ** (bits - 1);
  return Array.from({ length: channels }, () =>
    Float64Array.from({ length: frames }, (_, i) =>
      i === 0 ? -1 : i === 1 ? (half - 1) / half : Math.floor((random() - 0.5) * half) / half,
    ),
  );
}

/** @returns a voice-like sum of tones with a little noise, planar float32, [channels][frames] */
export function tones(sampleRateHz: number, channels: number, frames: number): Float32Array[] {
  const random = randomNumbers(soundSeed);
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: frames }, (_unused, i) => {
      const t = i / sampleRateHz;
      const swell = 0.5 - 0.5 * Math.cos(2 * Math.PI * 2 * t);
      return (
        0.3 * swell * Math.sin(2 * Math.PI * 150 * (channel + 1) * t) +
        0.1 * Math.sin(2 * Math.PI * 1000 * t) +
        0.01 * (random() - 0.5)
      );
    }),
  );
}

/** Writes `block` cut into pieces of `pieceFrames`, and finishes. */
export async function writeAll(
  options: Partial<WriterOptions> & Pick<WriterOptions, 'path' | 'format' | 'stream'>,
  block: PlanarSamples,
  pieceFrames = 1000,
): Promise<{ proof: Proof; sha256: string; clippedSamples: number }> {
  const writer = await openWriter({
    overwrite: false,
    expectedSampleFrames: null,
    dither: false,
    signal: new AbortController().signal,
    ...options,
  });
  const frames = block[0]?.length ?? 0;
  for (let from = 0; from < frames; from += pieceFrames) {
    await writer.write(block.map((samples) => samples.subarray(from, from + pieceFrames)) as PlanarSamples);
  }
  const { proof, sha256 } = await writer.finish();
  return { proof, sha256, clippedSamples: writer.clippedSamples };
}

/** @returns what ffmpeg decodes from the file, interleaved float64, which holds every sample format exactly */
export function decodeFile(path: string, extra: readonly string[] = []): Float64Array {
  const bytes = execFileSync(
    'ffmpeg',
    ['-nostdin', '-v', 'error', '-i', path, '-map', '0:a:0', ...extra, '-f', 'f64le', 'pipe:1'],
    { maxBuffer: 1 << 30 },
  );
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Beside ffmpeg, which the tests decode with. */
const prober = 'ffprobe';

/** @returns what ffprobe says of the first stream */
export function probeFile(path: string): {
  channels: number;
  sampleRateHz: number;
  codec: string;
  tags: unknown;
} {
  const text = execFileSync(prober, [
    '-v',
    'error',
    '-show_entries',
    'stream=codec_name,channels,sample_rate:stream_tags:format_tags',
    '-of',
    'json',
    path,
  ]).toString();
  const answer = JSON.parse(text) as {
    streams: { codec_name: string; channels: number; sample_rate: string; tags?: unknown }[];
    format: { tags?: unknown };
  };
  const stream = answer.streams[0]!;
  return {
    channels: stream.channels,
    sampleRateHz: Number(stream.sample_rate),
    codec: stream.codec_name,
    tags: { ...(stream.tags ?? {}), ...(answer.format.tags ?? {}) },
  };
}

/** @returns planar samples interleaved */
export function interleaved(block: PlanarSamples): number[] {
  const frames = block[0]?.length ?? 0;
  return Array.from(
    { length: frames * block.length },
    (_, k) => block[k % block.length]![Math.floor(k / block.length)]!,
  );
}

/** @returns the file's bytes */
export function bytesOf(path: string): Buffer {
  return readFileSync(path);
}
