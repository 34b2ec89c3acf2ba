import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { concatenated } from '../dsp/planar.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { modelsRoot } from '../models/manifests.js';
import type { ManifestOf } from '../models/model-manifest.js';
import type { ModelSession } from '../models/model-host.js';
import { openSpectralMask } from './enhance/spectral-mask.js';

const goldenSchema = z.object({
  schema: z.literal('sotto.golden/2'),
  input: z.object({ file: z.string(), sampleRateHz: z.number(), samples: z.number() }),
  levels: z.record(
    z.string(),
    z.object({
      mask: z.object({
        file: z.string(),
        order: z.literal('frames,bins'),
        shape: z.tuple([z.number(), z.number()]),
      }),
      enhanced: z.object({ file: z.string(), samples: z.number() }),
    }),
  ),
  maxAbsoluteError: z.number().positive(),
});

function readFloats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** @returns samples of a mono 16-bit WAV file, +-1 */
function readWave(file: string): Float32Array {
  const bytes = readFileSync(file);
  const data = bytes.indexOf('data') + 8;
  const samples = bytes.readUInt32LE(data - 4) / 2;
  return Float32Array.from({ length: samples }, (_, n) => bytes.readInt16LE(data + 2 * n) / 32_768);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((worst, value, n) => Math.max(worst, Math.abs(value - b[n]!)), 0);
}

/** Runs the product's own path and keeps the masks that the model gives on the way, frame by frame. */
async function enhance(
  session: ModelSession,
  sampleRateHz: number,
  wave: Float32Array,
  chunkFrames: number,
): Promise<{ mask: Float32Array; enhanced: Float32Array }> {
  const { contextFrames, outputs } = session.manifest;
  const rows: number[] = [];
  const recording: ModelSession = {
    ...session,
    run: async (inputs) => {
      const answer = await session.run(inputs);
      const { shape, data } = answer[outputs[0]!.name]!;
      const [, bins = 0, frames = 0] = shape;
      for (let t = rows.length === 0 ? 0 : contextFrames; t < frames; t++) {
        for (let k = 0; k < bins; k++) rows.push(data[k * frames + t]!);
      }
      return answer;
    },
  };
  const format = { sampleRateHz, channels: 1 };
  const processor = await openSpectralMask(format, recording, new AbortController().signal, chunkFrames);
  const parts = [await processor.process([wave]), await processor.flush()];
  processor.close();
  return {
    mask: Float32Array.from(rows),
    enhanced: concatenated(parts, 1)[0]!,
  };
}

const root = modelsRoot();
const host = new DirectModelHost(root);
const cases: [id: string, level: string, manifest: ManifestOf<'spectral-mask'>][] = host
  .list()
  .filter((manifest) => manifest.runner === 'spectral-mask')
  .flatMap((manifest) =>
    manifest.levels.map(({ id }): (typeof cases)[number] => [manifest.id, id, manifest]),
  );

describe('the golden files', () => {
  it('exist for at least one model', () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  it.each(cases)('of %s at level %s hold in one run and in chunks', async (id, level, manifest) => {
    const folder = join(root, id, manifest.golden.file, '..');
    const golden = goldenSchema.parse(JSON.parse(readFileSync(join(root, id, manifest.golden.file), 'utf8')));
    const wave = readWave(join(folder, golden.input.file));
    expect(wave).toHaveLength(golden.input.samples);
    const expected = golden.levels[level];
    if (!expected) throw new Error(`Expected golden files of level ${level}. Export it again.`);
    const session = await host.open(id, level);
    for (const chunkFrames of [100_000, 50]) {
      const { mask, enhanced } = await enhance(session, golden.input.sampleRateHz, wave, chunkFrames);
      const expectedMask = readFloats(join(folder, expected.mask.file));
      const expectedWave = readFloats(join(folder, expected.enhanced.file));
      expect(largestDifference(mask, expectedMask)).toBeLessThan(golden.maxAbsoluteError);
      expect(largestDifference(enhanced, expectedWave)).toBeLessThan(golden.maxAbsoluteError);
    }
  });
});
