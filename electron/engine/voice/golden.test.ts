import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { melBandCount, MelFrames } from '../dsp/mel-frames.js';
import { transpose } from '../dsp/spectrum.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { modelsRoot } from '../models/manifests.js';
import type { Tensor } from '../models/model-host.js';
import { SpeakerEmbedder } from './speaker-embedder.js';
import { VoiceCodebooks } from './voice-codebooks.js';
import { fakeCentres } from './voice-host.fake.js';

const codesGoldenSchema = z.object({
  schema: z.literal('sotto.codes-golden/1'),
  input: z.string(),
  levels: z.record(
    z.string(),
    z.object({
      z: z.object({ file: z.string(), shape: z.tuple([z.number(), z.number()]) }),
      codes: z.array(z.number()),
      residualCodes: z.array(z.number()),
    }),
  ),
});
const synthesisGoldenSchema = z.object({
  schema: z.literal('sotto.synthesis-golden/1'),
  level: z.string(),
  tensors: z.record(z.string(), z.object({ file: z.string(), shape: z.array(z.number()) })),
});

const embedderGoldenSchema = z.object({
  schema: z.literal('sotto.embedder-golden/1'),
  input: z.string(),
  speechSeconds: z.number(),
  levels: z.record(z.string(), z.object({ embedding: z.object({ file: z.string() }) })),
});

const referenceGoldenSchema = z.object({
  schema: z.literal('sotto.reference-golden/1'),
  tensors: z.record(z.string(), z.object({ file: z.string(), shape: z.array(z.number()) })),
});

/** Models as they are installed: there may be none of the voice stage. */
const root = modelsRoot();
const host = new DirectModelHost(root);
afterAll(() => host.close());
const encoders = host
  .list()
  .filter((manifest) => manifest.runner === 'voice-codes')
  .flatMap((manifest) => manifest.levels.map(({ id }) => [manifest.id, id, manifest] as const));
const speakers = host
  .list()
  .filter((manifest) => manifest.runner === 'voice-synthesis')
  .flatMap((manifest) => manifest.levels.map(({ id }) => [manifest.id, id, manifest] as const));
const embedders = host
  .list()
  .filter((manifest) => manifest.runner === 'speaker-embedder')
  .map((manifest) => [manifest.id, manifest.levels[0]!.id, manifest] as const);

/** Older exports have none. */
const references = host
  .list()
  .filter((manifest) => manifest.runner === 'voice-synthesis')
  .flatMap(({ id, reference }) => (reference ? [[id, reference] as const] : []));

function floatsOf(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function waveOf(file: string): Float32Array {
  const bytes = readFileSync(file);
  const data = bytes.indexOf('data') + 8;
  const samples = bytes.readUInt32LE(data - 4) / 2;
  return Float32Array.from({ length: samples }, (_, n) => bytes.readInt16LE(data + 2 * n) / 32_768);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((worst, value, n) => Math.max(worst, Math.abs(value - b[n]!)), 0);
}

/** The whole recording less its loudness-weighted mean, as the golden z was made; (1, 80, T). */
async function normalisedMel(wave: Float32Array): Promise<Tensor> {
  const rows: number[][] = [];
  const frames = await MelFrames.open(16_000, 1);
  const sink = (row: Float64Array): void => {
    rows.push([...row]);
  };
  frames.push([wave], sink);
  frames.finish(sink);
  frames.close();
  const weights = rows.map((row) =>
    Math.sqrt(row.reduce((sum, log) => sum + Math.max(0, Math.exp(log) - 1e-13), 0)),
  );
  const mass = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = rows[0]!.map(
    (_, band) => rows.reduce((sum, row, t) => sum + weights[t]! * row[band]!, 0) / mass,
  );
  const data = Float32Array.from(
    rows.flatMap((row) => row.map((log, band) => Math.max(-8, Math.min(8, log - mean[band]!)))),
  );
  return { shape: [1, melBandCount, rows.length], data: transpose(data, rows.length, melBandCount) };
}

describe('the golden files of the voice models', () => {
  it('are compared by a measure that sees a difference', () => {
    expect(largestDifference(fakeCentres.first, fakeCentres.residual)).toBeGreaterThan(1);
  });

  it.each(encoders)('of %s at level %s hold: z, and the codes of it', async (id, level, manifest) => {
    const folder = dirname(join(root, id, manifest.golden.file));
    const golden = codesGoldenSchema.parse(
      JSON.parse(readFileSync(join(root, id, manifest.golden.file), 'utf8')),
    );
    const expected = golden.levels[level]!;
    const session = await host.open(id, level);
    const { z: found } = await session.run({ mel: await normalisedMel(waveOf(join(folder, golden.input))) });
    const [codes, size] = expected.z.shape;
    const goldenZ = floatsOf(join(folder, expected.z.file));
    expect(largestDifference(transpose(found!.data, size, codes), goldenZ)).toBeLessThan(
      manifest.golden.maxAbsoluteError,
    );
    const books = await VoiceCodebooks.read(host, manifest);
    const encoded = Array.from({ length: codes }, (_, k) =>
      books.encode(goldenZ.subarray(k * size, (k + 1) * size)),
    );
    expect(encoded.map(({ first }) => first)).toEqual(expected.codes);
    expect(encoded.map(({ residual }) => residual)).toEqual(expected.residualCodes);
  });

  it.each(speakers)('of %s at level %s hold: the filters', async (id, level, manifest) => {
    const folder = dirname(join(root, id, manifest.golden.file));
    const golden = synthesisGoldenSchema.parse(
      JSON.parse(readFileSync(join(root, id, manifest.golden.file), 'utf8')),
    );
    const tensor = (name: string): Tensor => {
      const { file, shape } = golden.tensors[name]!;
      return { shape, data: floatsOf(join(folder, file)) };
    };
    const session = await host.open(id, level);
    const inputs = Object.fromEntries(manifest.inputs.map(({ name }) => [name, tensor(name)]));
    const { filters } = await session.run(inputs);
    expect(largestDifference(filters!.data, tensor('filters').data)).toBeLessThan(
      manifest.golden.maxAbsoluteError,
    );
  });

  it.each(embedders)('of %s at level %s hold: the embedding', async (id, level, manifest) => {
    const folder = dirname(join(root, id, manifest.golden.file));
    const golden = embedderGoldenSchema.parse(
      JSON.parse(readFileSync(join(root, id, manifest.golden.file), 'utf8')),
    );
    const sound = waveOf(join(folder, golden.input));
    const format = { sampleRateHz: 16_000, channels: 1 };
    const { signal } = new AbortController();
    const seconds = sound.length / format.sampleRateHz;
    const embedder = await SpeakerEmbedder.open({ models: host, manifest, format, seconds, signal });
    await embedder.push([sound]);
    const found = await embedder.finish();
    embedder.close();
    expect(found?.speechSeconds).toBe(golden.speechSeconds);
    const expected = floatsOf(join(folder, golden.levels[level]!.embedding.file));
    expect(largestDifference(Float32Array.from(found!.vector), expected)).toBeLessThan(
      manifest.golden.maxAbsoluteError,
    );
  });

  it.each(references)('of the reference net of %s hold: the voice', async (id, reference) => {
    const file = join(root, id, reference.golden.file);
    const { tensors } = referenceGoldenSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const tensor = (name: string): Tensor => {
      const { file: values, shape } = tensors[name]!;
      return { shape, data: floatsOf(join(dirname(file), values)) };
    };
    const session = await host.openBeside(id, reference);
    const found = await session.run({ [reference.input.name]: tensor('mel') });
    expect(largestDifference(found[reference.output.name]!.data, tensor('voice').data)).toBeLessThan(
      reference.golden.maxAbsoluteError,
    );
  });
});
