import { describe, expect, it } from 'vitest';
import { foldDown, writeFolded } from './fold-down.js';

describe('foldDown', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 12])(
    'keeps full scale in all of %i channels at full scale',
    (channels) => {
      const shares = foldDown(channels);
      expect(shares).toHaveLength(channels);
      expect(shares.reduce((sum, [left]) => sum + left, 0)).toBeCloseTo(1, 12);
      expect(shares.reduce((sum, [, right]) => sum + right, 0)).toBeCloseTo(1, 12);
    },
  );

  it('leaves the low-frequency channel of 5.1 out and puts the centre in both ears', () => {
    const shares = foldDown(6);
    expect(shares[3]).toEqual([0, 0]);
    expect(shares[2]?.[0]).toBe(shares[2]?.[1]);
    expect(shares[4]?.[1]).toBe(0);
    expect(shares[5]?.[0]).toBe(0);
  });
});

describe('writeFolded', () => {
  it('copies stereo bit for bit and wraps at the end of the ring', () => {
    const ring = new Float32Array(3 * 4);
    writeFolded(Float32Array.of(0.1, -0.1, 0.2, -0.2), foldDown(2), ring, 2, 4, 0, false);
    expect([...ring]).toEqual([0.2, -0.2, 0, 0, 0, 0, 0, 0, 0.1, -0.1, 0, 0].map(Math.fround));
  });

  it('gives mono to both ears and writes backward when asked', () => {
    const ring = new Float32Array(2 * 4);
    writeFolded(Float32Array.of(0.25, 0.5), foldDown(1), ring, 0, 4, 2, true);
    expect([...ring]).toEqual([0, 0, 0.5, 0.5, 0, 0, 0.25, 0.25]);
  });

  it('sums many channels by their shares', () => {
    const ring = new Float32Array(4);
    writeFolded(Float32Array.of(1, 1, 1, 1, 1, 1), foldDown(6), ring, 0, 4, 0, false);
    expect(ring[0]).toBeCloseTo(1, 6);
    expect(ring[1]).toBeCloseTo(1, 6);
  });
});
