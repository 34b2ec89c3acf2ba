import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack16, pack24, quantiseChannel, quantiseChannelWide } from './output-quantise.js';

describe('pack16 and pack24', () => {
  it.each([
    [pack16, 2],
    [pack24, 3],
  ] as const)('%o keep every value, for any count', (pack, width) => {
    const half = 2 ** (width * 8 - 1);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -half, max: half - 1 }), { maxLength: 20 }), (values) => {
        const out = Buffer.from(new ArrayBuffer(values.length * width));
        pack(Int32Array.from(values), out);
        expect(values.map((_, i) => out.readIntLE(i * width, width))).toEqual(values);
      }),
    );
  });
});

describe('quantiseChannel', () => {
  it('writes only the places of its channel', () => {
    const out = new Int32Array(6).fill(9);
    quantiseChannel(Float32Array.of(0.5, -0.5), 128, out, 1, 3);
    expect([...out]).toEqual([9, 64, 9, 9, -64, 9]);
    quantiseChannelWide(Float64Array.of(0.5, -0.5), out, 0, 3);
    expect([...out]).toEqual([2 ** 30, 64, 9, -(2 ** 30), -64, 9]);
  });
});
