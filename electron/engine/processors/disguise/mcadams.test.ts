import { describe, expect, it } from 'vitest';
import { concatenated, type Planar } from '../../dsp/planar.js';
import { FakeModelHost, passAll } from '../../models/model-host.fake.js';
import { openChain } from '../chain.js';
import { drawAlpha } from './draw-alpha.js';
import { definition } from './definition.js';
import { readGolden } from './golden.fake.js';
import { openMcAdams } from './mcadams.js';

const { signal } = new AbortController();
const { cases, maxAbsoluteError } = readGolden();
const speech = cases.find(({ sampleRateHz }) => sampleRateHz === 16_000)!;
const context = { models: new FakeModelHost(passAll), signal };

async function disguised(given: Planar, sampleRateHz: number, exponent: number): Promise<Planar> {
  const processor = await openMcAdams({ sampleRateHz, channels: given.length }, exponent, signal);
  const parts = [await processor.process(given), await processor.flush()];
  processor.close();
  return concatenated(parts, given.length);
}

const rms = (samples: Float32Array): number =>
  Math.sqrt(samples.reduce((total, value) => total + value * value, 0) / samples.length);

/** The lag of the strongest autocorrelation from 60 to 400 Hz. */
function periodSamples(samples: Float32Array): number {
  let best = 0;
  let strongest = 0;
  for (let lag = 40; lag < 266; lag++) {
    let total = 0;
    for (let n = lag; n < samples.length; n++) total += samples[n]! * samples[n - lag]!;
    if (total <= strongest) continue;
    strongest = total;
    best = lag;
  }
  return best;
}

/** The loudest 64 ms. */
function vowelStart(samples: Float32Array): number {
  let best = 0;
  let loudest = 0;
  for (let at = 0; at + 1024 <= samples.length; at += 256) {
    const level = rms(samples.subarray(at, at + 1024));
    if (level > loudest) [best, loudest] = [at, level];
  }
  return best;
}

describe('the disguise of real speech', () => {
  it.each(cases.map((each) => [each.sampleRateHz, each] as const))(
    'at %i Hz is what another program makes of it, sample by sample',
    async (_rate, { given, expected, sampleRateHz, alpha }) => {
      const result = await disguised(given, sampleRateHz, alpha);
      result.forEach((samples, channel) => {
        expect(samples).toHaveLength(expected[channel]!.length);
        const worst = samples.reduce(
          (most, value, n) => Math.max(most, Math.abs(value - expected[channel]![n]!)),
          0,
        );
        expect(worst).toBeLessThan(maxAbsoluteError);
        // And it is not simply what was given.
        expect(rms(samples.map((value, n) => value - given[channel]![n]!))).toBeGreaterThan(
          0.3 * rms(samples),
        );
      });
    },
  );

  it('keeps pitch and level', async () => {
    const given = speech.given[0]!;
    const [result] = await disguised([given], 16_000, 0.75);
    const at = vowelStart(given);
    const before = periodSamples(given.subarray(at, at + 1024));
    expect(Math.abs(periodSamples(result!.subarray(at, at + 1024)) - before)).toBeLessThanOrEqual(2);
    expect(20 * Math.log10(rms(result!) / rms(given))).toBeCloseTo(0, 0);
  });

  it('keeps the stereo image: the level between channels is what it was, sample by sample', async () => {
    const left = speech.given[0]!;
    const [a, b] = await disguised([left, left.map((value) => -0.25 * value)], 16_000, 0.6);
    a!.forEach((value, n) => {
      expect(Math.abs(-0.25 * value - b![n]!)).toBeLessThan(1e-6);
    });
  });

  it('leaves a pause silent', async () => {
    const given = speech.given[0]!.slice();
    given.fill(0, 8000, 16_000);
    const [result] = await disguised([given], 16_000, 0.6);
    // A frame reaches 20 ms across the borders of the pause.
    expect(result!.subarray(8000 + 320, 16_000 - 320).every((value) => value === 0)).toBe(true);
  });
});

describe('the disguise stage', () => {
  it('draws another alpha for every export, all over its range', () => {
    const drawn = Array.from({ length: 200 }, () => drawAlpha());
    expect(new Set(drawn).size).toBe(200);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.5);
    expect(Math.min(...drawn)).toBeLessThan(0.55);
    expect(Math.max(...drawn)).toBeLessThan(0.9);
    expect(Math.max(...drawn)).toBeGreaterThan(0.85);
    expect(drawAlpha(() => 0)).toBe(0.5);
  });

  it('gives two exports of the same recording two voices, and one voice with a fixed alpha', async () => {
    const run = async (alpha: number | 'random'): Promise<Float32Array> => {
      const format = { sampleRateHz: 16_000, channels: 1 };
      const [processor] = await openChain(format, { disguise: { strength: 1, alpha } }, context);
      const parts = [await processor!.process(speech.given), await processor!.flush()];
      processor!.close();
      return concatenated(parts, 1)[0]!;
    };
    expect(await run('random')).not.toEqual(await run('random'));
    expect(await run(0.8)).toEqual(await run(0.8));
  });

  it('at half strength is half as far from 1, with nothing of the raw voice mixed in', async () => {
    const format = { sampleRateHz: 16_000, channels: 1 };
    const [half] = await openChain(format, { disguise: { strength: 0.5, alpha: 0.6 } }, context);
    const parts = [await half!.process(speech.given), await half!.flush()];
    half!.close();
    expect(concatenated(parts, 1)).toEqual(await disguised(speech.given, 16_000, 0.8));
  });

  it('says in its findings that it is no protection, and what it drops of a wide recording', async () => {
    const codes = async (sampleRateHz: number): Promise<string[]> => {
      const processor = await openMcAdams({ sampleRateHz, channels: 1 }, 0.7, signal);
      processor.close();
      return (processor.findings ?? []).map(({ code }) => code);
    };
    expect(await codes(16_000)).toEqual(['DISGUISE_NOT_PROTECTION']);
    expect(await codes(44_100)).toEqual(['DISGUISE_NOT_PROTECTION', 'DISGUISE_BAND_DROPPED']);
  });

  it.each([0.49, 0.91, NaN])('refuses an alpha of %d', (alpha) => {
    expect(() => {
      definition.check({ strength: 1, alpha }, context.models);
    }).toThrow(/Expected an alpha from 0.5 to 0.9/);
  });
});
