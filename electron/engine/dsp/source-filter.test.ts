import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concatenated } from './planar.js';
import { filterBins, hasFilterFrames, SourceFilter } from './source-filter.js';
import { Xorshift } from './xorshift.js';

/** Written by `native-models/voice-synthesis/golden_vectors.py`. */
const folder = join(import.meta.dirname, '..', '..', '..', 'native-models', 'voice-synthesis', 'golden');
interface Golden {
  readonly frames: number;
  readonly bins: number;
  readonly f0Hz: string;
  readonly logHarmonic: string;
  readonly phase: string;
  readonly logAperiodic: string;
  readonly noise: { readonly seed: number };
  readonly outputs: readonly {
    readonly sampleRateHz: number;
    readonly samples: number;
    readonly pulses: string;
    readonly sound: string;
  }[];
  readonly maxAbsoluteError: number;
}
const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden;

function floatsOf(file: string): Float32Array {
  const bytes = readFileSync(join(folder, file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Frame t of the golden scene: log harmonic, phase, log aperiodic. */
const scene = ['logHarmonic', 'phase', 'logAperiodic'].map((name) => floatsOf(golden[name as 'phase']));
const f0OfScene = floatsOf(golden.f0Hz);
function filtersOf(frame: number): Float32Array {
  const filters = new Float32Array(3 * filterBins);
  scene.forEach((values, part) => {
    filters.set(values.subarray(frame * filterBins, (frame + 1) * filterBins), part * filterBins);
  });
  return filters;
}

/** All that comes of pulses and noise through flat filters, at the power of their sources. */
function flat(harmonicLog: number, aperiodicLog: number): Float32Array {
  const filters = new Float32Array(3 * filterBins);
  filters.fill(harmonicLog, 0, filterBins).fill(aperiodicLog, 2 * filterBins);
  return filters;
}
const silentLog = -100;

/** @param noise  next value; none is drawn from where it is missing */
async function render(
  sampleRateHz: number,
  samples: number,
  frame: (t: number) => readonly [f0Hz: number, filters: Float32Array],
  noise = (): number => 0,
): Promise<Float32Array> {
  const stream = await SourceFilter.open({ sampleRateHz }, noise);
  const frames = Math.ceil((samples * 100) / sampleRateHz);
  const parts: Float32Array[][] = [];
  for (let t = 0; t < frames; t++) parts.push([stream.push(...frame(t))]);
  parts.push([stream.finish(samples)]);
  stream.close();
  return concatenated(parts, 1)[0]!;
}

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((worst, value, n) => Math.max(worst, Math.abs(value - b[n]!)), 0);
const meanSquare = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value * value, 0) / values.length;

describe('the source-filter', () => {
  it.each(golden.outputs.map((output) => [output.sampleRateHz, output] as const))(
    'at %i Hz makes what the training code makes',
    async (sampleRateHz, { samples, sound }) => {
      const random = new Xorshift(golden.noise.seed);
      const made = await render(
        sampleRateHz,
        samples,
        (t) => [f0OfScene[t]!, filtersOf(t)],
        () => random.next(),
      );
      expect(made).toHaveLength(samples);
      expect(largestDifference(made, floatsOf(sound))).toBeLessThan(golden.maxAbsoluteError);
    },
  );

  it.each([24_000, 44_100, 48_000])(
    'gives pulses a power that depends neither on F0 nor on the rate, at %i Hz',
    async (sampleRateHz) => {
      for (const f0Hz of [70, 180, 420]) {
        const pulses = await render(sampleRateHz, sampleRateHz, () => [f0Hz, flat(0, silentLog)]);
        // Band-limited to 11 of the 12 kHz whose power is 1; the edges of the second hold one period less.
        expect(meanSquare(pulses.subarray(sampleRateHz / 10, 0.9 * sampleRateHz)) * (12 / 11)).toBeCloseTo(
          1,
          1,
        );
      }
    },
  );

  it.each([8000, 16_000, 24_000, 48_000])(
    'gives noise the same density at every rate, at %i Hz',
    async (sampleRateHz) => {
      const random = new Xorshift(3);
      const noise = await render(
        sampleRateHz,
        2 * sampleRateHz,
        () => [0, flat(silentLog, 0)],
        () => random.next(),
      );
      // 1 below 12 kHz, or what of it the rate has.
      expect(meanSquare(noise)).toBeCloseTo(Math.min(1, sampleRateHz / 24_000), 1);
    },
  );

  it('gives every sample as soon as it is final, with a state that does not grow', async () => {
    const stream = await SourceFilter.open({ sampleRateHz: 48_000 }, () => 0);
    let given = 0;
    for (let t = 0; t < 900; t++) {
      given += stream.push(f0OfScene[t % golden.frames]!, filtersOf(t % golden.frames)).length;
      expect(given).toBe(Math.max(0, (t - 4) * 480));
    }
    expect(given + stream.finish(900 * 480 - 5).length).toBe(900 * 480 - 5);
    stream.close();
  });

  it('keeps the pitch after minutes: the phase does not drift', async () => {
    // At a period of a whole number of samples every pulse looks the same for ever.
    const stream = await SourceFilter.open({ sampleRateHz: 8000 }, () => 0);
    const filters = flat(0, silentLog);
    let early = new Float32Array(0);
    let late = new Float32Array(0);
    const frames = 12_000;
    for (let t = 0; t < frames; t++) {
      const samples = stream.push(100, filters);
      if (t === 100) early = samples.slice();
      if (t === frames - 1) late = samples.slice();
    }
    stream.close();
    expect(largestDifference(late, early)).toBeLessThan(1e-4);
    expect(meanSquare(early)).toBeGreaterThan(0.1);
  });

  it('makes nothing from the highest frequency on', async () => {
    const random = new Xorshift(5);
    const stream = await SourceFilter.open({ sampleRateHz: 48_000, highestHz: 4000 }, () => random.next());
    const parts = Array.from({ length: 100 }, () => [stream.push(0, flat(silentLog, 0))]);
    stream.close();
    const sound = concatenated(parts, 1)[0]!;
    // A second difference passes little below 4 kHz and everything far above.
    const rough = sound.map((value, n) => value - 2 * (sound[n - 1] ?? 0) + (sound[n - 2] ?? 0));
    expect(meanSquare(rough) / meanSquare(sound)).toBeLessThan(0.05);
    expect(meanSquare(sound)).toBeGreaterThan(0.1);
  });

  it('is exactly silent without a source', async () => {
    const sound = await render(24_000, 5000, () => [0, flat(0, 0)]);
    expect(sound.every((value) => value === 0)).toBe(true);
  });

  it('refuses a length that the frames do not make, and a rate whose 10 ms are no whole samples', async () => {
    const stream = await SourceFilter.open({ sampleRateHz: 24_000 }, () => 0);
    stream.push(0, flat(0, 0));
    expect(() => stream.finish(241)).toThrow(/up to 240 samples/);
    expect(() => stream.finish(0)).toThrow(RangeError);
    expect(stream.finish(240)).toHaveLength(240);
    stream.close();
    await expect(SourceFilter.open({ sampleRateHz: 11_025 }, () => 0)).rejects.toThrow(/multiple of 100 Hz/);
    expect([8000, 16_000, 22_050, 44_100, 48_000, 8050].map(hasFilterFrames)).toEqual([
      ...[true, true, false, true, true, false],
    ]);
  });
});
