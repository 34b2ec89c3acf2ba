import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Planar } from '../../dsp/planar.js';

const folder = join(import.meta.dirname, 'golden');

const goldenSchema = z.object({
  schema: z.literal('sotto.disguise-golden/1'),
  cases: z.array(
    z.object({
      input: z.string(),
      output: z.string(),
      sampleRateHz: z.number(),
      channels: z.number(),
      samples: z.number(),
      alpha: z.number(),
    }),
  ),
  maxAbsoluteError: z.number().positive(),
});

/** Real speech and what the disguise must make of it, as another program in another language computed it. */
export interface GoldenCase {
  readonly sampleRateHz: number;
  readonly alpha: number;
  readonly given: Planar;
  readonly expected: Planar;
}

/** @returns all cases of `make_disguise_golden.py` and how far a sample may be off */
export function readGolden(): { cases: GoldenCase[]; maxAbsoluteError: number } {
  const text = readFileSync(join(folder, 'golden.json'), 'utf8');
  const { cases, maxAbsoluteError } = goldenSchema.parse(JSON.parse(text));
  const read = ({ input, output, sampleRateHz, channels, samples, alpha }: (typeof cases)[number]) => {
    const wave = readFileSync(join(folder, input));
    const data = wave.indexOf('data') + 8;
    const floats = readFileSync(join(folder, output));
    const planar = (at: (index: number) => number): Planar =>
      Array.from({ length: channels }, (_, channel) =>
        Float32Array.from({ length: samples }, (_value, n) => at(n * channels + channel)),
      );
    return {
      sampleRateHz,
      alpha,
      given: planar((index) => wave.readInt16LE(data + 2 * index) / 32_768),
      expected: planar((index) => floats.readFloatLE(4 * index)),
    };
  };
  return { cases: cases.map(read), maxAbsoluteError };
}
