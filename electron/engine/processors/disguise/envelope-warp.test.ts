import { describe, expect, it } from 'vitest';
import { BandPredictor } from '../../dsp/linear-prediction.js';
import { whiteNoise } from '../../dsp/noise.fake.js';
import { openRealFft } from '../../dsp/open-real-fft.js';
import { addPower } from '../../dsp/spectrum.js';
import { StftAnalyser } from '../../dsp/stft.js';
import { EnvelopeWarp, movedHz } from './envelope-warp.js';
import { readGolden } from './golden.fake.js';
import { allPoleDb, polynomialRoots, turnedPoles, type Complex } from './root-mcadams.fake.js';

const grid = { bins: 161, binHz: 50 };
const order = 20;
/** Gains as a reader of the figure hears them, and where they are compared: the formants of speech. */
const comparedBins = { from: 4, to: 100 };

/** Power spectra of the golden speech, one every 10 ms, without the pauses. */
async function speechPowers(): Promise<Float32Array[]> {
  const speech = readGolden().cases.find(({ sampleRateHz }) => sampleRateHz === 16_000)!.given[0]!;
  const fft = await openRealFft(320);
  const analyser = new StftAnalyser(fft);
  const spectrum = new Float32Array(322);
  const powers: Float32Array[] = [];
  for (let at = 0; at + 160 <= speech.length; at += 160) {
    analyser.feed(speech.subarray(at, at + 160));
    analyser.takeFrame(spectrum);
    const power = new Float32Array(grid.bins);
    addPower(spectrum, power, grid.bins);
    powers.push(power);
  }
  fft.close();
  const loudest = Math.max(...powers.map(sum));
  return powers.filter((power) => sum(power) > loudest / 1000);
}

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

function gainsDb(power: Float32Array, exponent: number): number[] {
  const gains = new Float32Array(grid.bins);
  new EnvelopeWarp(grid, exponent).gains(power.map(Math.sqrt), gains);
  return [...gains].map((gain) => 20 * Math.log10(gain));
}

/** By the definition: poles turned, in dB over the bins; before and after. */
function rootEnvelopesDb(power: Float32Array, exponent: number): { before: number[]; after: number[] } {
  const predictor = new BandPredictor(grid.bins, order);
  predictor.fit(power, new Float64Array(order + 1));
  const poles = polynomialRoots(predictor.coefficients);
  const turned = turnedPoles(poles, exponent);
  const over = (roots: readonly Complex[]): number[] =>
    Array.from({ length: grid.bins }, (_, k) => allPoleDb(roots, (Math.PI * k) / (grid.bins - 1)));
  return { before: over(poles), after: over(turned) };
}

/** What {@link EnvelopeWarp} makes of the same envelope. */
function movedEnvelopeDb(power: Float32Array, exponent: number, before: readonly number[]): number[] {
  return gainsDb(power, exponent).map((gain, k) => gain + before[k]!);
}

/** Envelope to envelope over the formants of speech. */
function alike(power: Float32Array, exponent: number): number {
  const { before, after } = rootEnvelopesDb(power, exponent);
  const moved = movedEnvelopeDb(power, exponent, before);
  const { from, to } = comparedBins;
  return correlation(moved.slice(from, to), after.slice(from, to));
}

/** How far the raw envelope itself is from what the definition makes of it: the control. */
function unlike(power: Float32Array, exponent: number): number {
  const { before, after } = rootEnvelopesDb(power, exponent);
  const { from, to } = comparedBins;
  return correlation(before.slice(from, to), after.slice(from, to));
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((x, y) => x + y, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, k) => {
    ab += (value - ma) * (b[k]! - mb);
    aa += (value - ma) ** 2;
    bb += (b[k]! - mb) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}

/** A spectrum with one resonance. */
function resonance(frequencyHz: number, radius = 0.95): Float32Array {
  const angle = (Math.PI * frequencyHz) / 8000;
  const pair: Complex[] = [
    [radius * Math.cos(angle), radius * Math.sin(angle)],
    [radius * Math.cos(angle), -radius * Math.sin(angle)],
  ];
  return Float32Array.from(
    { length: grid.bins },
    (_, k) => 10 ** (allPoleDb(pair, (Math.PI * k) / 160) / 10),
  );
}

function peakHz(power: Float32Array, gains: readonly number[]): number {
  let best = 0;
  power.forEach((value, k) => {
    const level = 10 * Math.log10(value) + gains[k]!;
    if (level > 10 * Math.log10(power[best]!) + gains[best]!) best = k;
  });
  return best * grid.binHz;
}

describe('the roots of the reference', () => {
  it('are those of a polynomial that is known', () => {
    // (z - 0.5)(z + 0.25)(z^2 - z + 0.5)
    const found = polynomialRoots([1, -1.25, 0.625, 0, -0.0625]);
    for (const [re, im] of [
      [0.5, 0],
      [-0.25, 0],
      [0.5, 0.5],
      [0.5, -0.5],
    ] as const) {
      expect(Math.min(...found.map((root) => Math.hypot(root[0] - re, root[1] - im)))).toBeLessThan(1e-9);
    }
  });

  it('of 20th order give their polynomial back', () => {
    const noise = whiteNoise(10, 3, 0.4);
    const pairs = [...noise].map((value, i): Complex => [
      0.9 * Math.cos(i / 4 + value),
      0.9 * Math.sin(i / 4 + value),
    ]);
    let polynomial = [1];
    for (const [re, im] of pairs) {
      const next = new Array<number>(polynomial.length + 2).fill(0);
      polynomial.forEach((value, i) => {
        next[i]! += value;
        next[i + 1]! -= 2 * re * value;
        next[i + 2]! += (re * re + im * im) * value;
      });
      polynomial = next;
    }
    const roots = polynomialRoots(polynomial);
    for (const [re, im] of pairs) {
      expect(Math.min(...roots.map((root) => Math.hypot(root[0] - re, root[1] - im)))).toBeLessThan(1e-6);
    }
  });
});

describe('EnvelopeWarp', () => {
  it.each([400, 900, 1500, 3300, 4500])('moves a resonance at %i Hz as alpha says', (frequencyHz) => {
    for (const alpha of [0.6, 0.8, 0.9]) {
      const power = resonance(frequencyHz);
      const expected = movedHz(frequencyHz, alpha);
      const tolerance = grid.binHz + 0.03 * expected;
      expect(Math.abs(peakHz(power, gainsDb(power, alpha)) - expected)).toBeLessThan(tolerance);
    }
  });

  it('does to the envelopes of real speech what turning the poles does', async () => {
    const powers = await speechPowers();
    expect(powers.length).toBeGreaterThan(40);
    for (const alpha of [0.55, 0.65, 0.75]) {
      const same = median(powers.map((power) => alike(power, alpha)));
      const raw = median(powers.map((power) => unlike(power, alpha)));
      // Not equal: real poles stay, and with them the tilt, where the envelope moves as a whole.
      expect(same).toBeGreaterThan(0.6);
      expect(same, `raw ${raw}`).toBeGreaterThan(raw + 0.1);
    }
  });

  it('wanders less from frame to frame than turned poles do', async () => {
    const powers = await speechPowers();
    const wander = (gainsOf: (power: Float32Array) => number[]): number => {
      const rows = powers.map((power) => gainsOf(power).slice(1, 30));
      let total = 0;
      for (let t = 1; t < rows.length; t++) {
        const change = rows[t]!.map((value, k) => value - rows[t - 1]![k]!);
        const mean = change.reduce((x, y) => x + y, 0) / change.length;
        total += change.reduce((x, y) => x + (y - mean) ** 2, 0) / change.length;
      }
      return Math.sqrt(total / rows.length);
    };
    const turned = wander((power) => {
      const { before, after } = rootEnvelopesDb(power, 0.7);
      return after.map((level, k) => level - before[k]!);
    });
    expect(wander((power) => gainsDb(power, 0.7))).toBeLessThan(turned);
  });

  it('keeps the power of a frame', async () => {
    for (const power of await speechPowers()) {
      const after = gainsDb(power, 0.6).reduce((total, gain, k) => total + power[k]! * 10 ** (gain / 10), 0);
      expect(after / sum(power)).toBeCloseTo(1, 4);
    }
  });

  it('changes nothing at exponent 1, and leaves nothing above 8 kHz at any other', () => {
    const magnitude = whiteNoise(481, 9).map(Math.abs);
    const gains = new Float32Array(481);
    new EnvelopeWarp({ bins: 481, binHz: 50 }, 1).gains(magnitude, gains);
    expect(gains.every((gain) => gain === 1)).toBe(true);
    new EnvelopeWarp({ bins: 481, binHz: 50 }, 0.95).gains(magnitude, gains);
    expect(gains.subarray(160).every((gain) => gain === 0)).toBe(true);
    expect(gains.subarray(0, 150).every((gain) => gain > 0)).toBe(true);
    new EnvelopeWarp({ bins: 481, binHz: 50 }, 0.95).gains(new Float32Array(481), gains);
    expect(gains.subarray(161).every((gain) => gain === 0)).toBe(true);
  });
});
