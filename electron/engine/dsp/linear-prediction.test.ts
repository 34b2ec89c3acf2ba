import { describe, expect, it } from 'vitest';
import { BandPredictor, cosineTable, inversePower, levinsonDurbin } from './linear-prediction.js';
import { whiteNoise } from './noise.fake.js';

/** The floor of the noise correction moves the coefficients of a sharp resonance by this much. */
const correctionTolerance = 1e-2;
const bins = 161;

/** Coefficients of A(z) with these pole pairs, highest order last. */
function fromPairs(pairs: readonly { radius: number; angle: number }[]): number[] {
  return pairs.reduce<number[]>(
    (a, { radius, angle }) => {
      const pair = [1, -2 * radius * Math.cos(angle), radius * radius];
      const product = new Array<number>(a.length + 2).fill(0);
      a.forEach((x, i) => {
        pair.forEach((y, j) => {
          product[i + j]! += x * y;
        });
      });
      return product;
    },
    [1],
  );
}

/** 1 / |A|^2 over 0 to pi. */
function allPolePower(a: readonly number[]): Float32Array {
  return Float32Array.from({ length: bins }, (_, k) => {
    let re = 0;
    let im = 0;
    a.forEach((value, n) => {
      re += value * Math.cos((Math.PI * k * n) / (bins - 1));
      im += value * Math.sin((Math.PI * k * n) / (bins - 1));
    });
    return 1 / (re * re + im * im);
  });
}

const formants = fromPairs([
  { radius: 0.9, angle: 0.3 },
  { radius: 0.88, angle: 0.9 },
  { radius: 0.85, angle: 2.1 },
]);

describe('levinsonDurbin', () => {
  it('solves the normal equations', () => {
    const lags = Float64Array.of(2, 1.1, 0.3, -0.2, -0.4);
    const a = new Float64Array(5);
    const error = levinsonDurbin(lags, a);
    for (let row = 1; row < 5; row++) {
      const sum = a.reduce((total, value, i) => total + value * lags[Math.abs(row - i)]!, 0);
      expect(sum).toBeCloseTo(0, 12);
    }
    expect(a.reduce((total, value, i) => total + value * lags[i]!, 0)).toBeCloseTo(error, 12);
  });

  it('predicts nothing from silence', () => {
    const a = new Float64Array(4).fill(7);
    expect(levinsonDurbin(new Float64Array(4), a)).toBe(0);
    expect([...a]).toEqual([1, 0, 0, 0]);
  });
});

describe('BandPredictor', () => {
  it('finds the poles of an all-pole spectrum again', () => {
    const predictor = new BandPredictor(bins, 6);
    expect(predictor.fit(allPolePower(formants), new Float64Array(7))).toBe(true);
    predictor.coefficients.forEach((value, n) => {
      expect(Math.abs(value - formants[n]!)).toBeLessThan(correctionTolerance);
    });
  });

  it('gives the envelope back at every angle that is asked for, up to its gain', () => {
    const power = allPolePower(formants);
    const predictor = new BandPredictor(bins, 6);
    const correlated = new Float64Array(7);
    predictor.fit(power, correlated);
    const angles = Float64Array.from({ length: bins }, (_, k) => (Math.PI * k) / (bins - 1));
    const inverse = new Float64Array(bins);
    inversePower(correlated, cosineTable(6, angles), inverse);
    const ratios = inverse.map((value, k) => 10 * Math.log10(value * power[k]!));
    expect(Math.max(...ratios) - Math.min(...ratios)).toBeLessThan(0.1);
  });

  it('says that silence has no envelope', () => {
    const predictor = new BandPredictor(bins, 20);
    const correlated = new Float64Array(21);
    expect(predictor.fit(new Float32Array(bins), correlated)).toBe(false);
    expect([...correlated]).toEqual([1, ...new Array<number>(20).fill(0)]);
  });

  it('stays finite and positive for noise, a single line and an empty half of the band', () => {
    const spectra = [
      whiteNoise(bins, 5).map((value) => value * value),
      Float32Array.from({ length: bins }, (_, k) => (k === 40 ? 1e12 : 0)),
      Float32Array.from({ length: bins }, (_, k) => (k < 80 ? 1 : 0)),
      Float32Array.from({ length: bins }, (_, k) => (k === 0 ? 1e-40 : 0)),
    ];
    for (const power of spectra) {
      const predictor = new BandPredictor(bins, 20);
      const correlated = new Float64Array(21);
      predictor.fit(power, correlated);
      const angles = Float64Array.from({ length: 300 }, (_, k) => k / 100);
      const inverse = new Float64Array(300);
      inversePower(correlated, cosineTable(20, angles), inverse);
      expect(inverse.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
    }
  });
});
