import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packBits, unpackBits } from './bit-packing.js';

describe('packBits', () => {
  it('puts the most significant bit first and leaves no gap', () => {
    expect([...packBits([0b1_0000_0001, 0b0_1111_1111], 9)]).toEqual([0b1000_0000, 0b1011_1111, 0b1100_0000]);
  });

  it('is undone by unpackBits, whatever the values and their size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 16 }).chain((bits) =>
          fc.record({
            bits: fc.constant(bits),
            values: fc.array(fc.integer({ min: 0, max: 2 ** bits - 1 })),
          }),
        ),
        ({ bits, values }) => {
          const bytes = packBits(values, bits);
          expect(bytes.length).toBe(Math.ceil((values.length * bits) / 8));
          expect([...unpackBits(bytes, values.length, bits)!]).toEqual(values);
        },
      ),
    );
  });

  it.each([512, -1, 0.5, Number.NaN])('refuses %d, which has no 9 bits', (value) => {
    expect(() => packBits([value], 9)).toThrow(RangeError);
  });
});

describe('unpackBits', () => {
  it('finds bits after the last value, and bytes too many or too few', () => {
    expect(unpackBits(Uint8Array.of(0, 1), 1, 9)).toBeNull();
    expect(unpackBits(Uint8Array.of(0), 1, 9)).toBeNull();
    expect(unpackBits(Uint8Array.of(0, 0, 0), 1, 9)).toBeNull();
  });
});
