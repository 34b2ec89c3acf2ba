import { describe, expect, it } from 'vitest';
import { addPower, multiplyBins, transpose } from './spectrum.js';

describe('a spectrum', () => {
  it('adds the power of each bin to what is there', () => {
    const power = Float32Array.of(1, 0, 7);
    addPower(Float32Array.of(3, 4, 0, -2, 9, 9), power, 2);
    expect([...power]).toEqual([26, 4, 7]);
  });

  it('takes a gain in each bin on both of its parts', () => {
    const spectrum = Float32Array.of(1, 2, 3, 4, 5, 6);
    multiplyBins(spectrum, Float32Array.of(2, 0), 2);
    expect([...spectrum]).toEqual([2, 4, 0, 0, 5, 6]);
  });
});

describe('transposing', () => {
  it('turns rows into columns and ignores what lies behind them', () => {
    expect([...transpose(Float32Array.of(1, 2, 3, 4, 5, 6, 99), 2, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
  });
});
