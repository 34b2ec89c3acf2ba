import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SamplePacker, type SampleLayout } from './output-samples.js';

const bits: Partial<Record<SampleLayout, number>> = { u8: 8, s16: 16, s24: 24, s32: 32 };

function readBack(layout: SampleLayout, bytes: Uint8Array): number[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const width = (bits[layout] ?? 0) / 8;
  return Array.from({ length: bytes.length / width }, (_, i) =>
    layout === 'u8' ? view.readUInt8(i) - 128 : view.readIntLE(i * width, width),
  );
}

describe('SamplePacker', () => {
  it.each(['u8', 's16', 's24', 's32'] as const)('gives integer samples of %s back bit for bit', (layout) => {
    const half = 2 ** (bits[layout]! - 1);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -half, max: half - 1 }), { minLength: 1, maxLength: 50 }),
        (integers) => {
          const block = [
            Float64Array.from(integers, (v) => v / half),
            Float64Array.from(integers, (v) => (-1 - v) / half),
          ];
          const packer = new SamplePacker(layout, 2, false);
          const stored = readBack(layout, packer.pack(block));
          expect(stored).toEqual(integers.flatMap((v) => [v, -1 - v]));
          expect(packer.clippedSamples).toBe(0);
        },
      ),
    );
  });

  it('gives every 8-bit and every 16-bit value back from float32', () => {
    for (const layout of ['u8', 's16'] as const) {
      const half = 2 ** (bits[layout]! - 1);
      const values = Array.from({ length: 2 * half }, (_, i) => i - half);
      const stored = readBack(
        layout,
        new SamplePacker(layout, 1, false).pack([Float32Array.from(values, (v) => v / half)]),
      );
      expect(stored).toEqual(values);
    }
  });

  it('gives both ends and every seventh value of 24 bit back from float32', () => {
    const values = [-8388608, 8388607];
    for (let value = -8388607; value < 8388607; value += 7 * 997) values.push(value);
    const stored = readBack(
      's24',
      new SamplePacker('s24', 1, false).pack([Float32Array.from(values, (v) => v / 8388608)]),
    );
    expect(stored).toEqual(values);
  });

  it.each(['u8', 's16', 's24', 's32'] as const)(
    'clips, counts and writes 0 for not a number in %s',
    (layout) => {
      const half = 2 ** (bits[layout]! - 1);
      const packer = new SamplePacker(layout, 1, false);
      const stored = readBack(
        layout,
        packer.pack([Float64Array.of(1, 2, Infinity, -1, -1.5, -Infinity, NaN, 0, -0, 0.5)]),
      );
      expect(stored).toEqual([half - 1, half - 1, half - 1, -half, -half, -half, 0, 0, 0, half / 2]);
      expect(packer.clippedSamples).toBe(5);
    },
  );

  it('rounds to the nearest value', () => {
    const packer = new SamplePacker('s16', 1, false);
    const steps = [0.49, 0.51, -0.49, -0.51, 1.2, -1.2];
    expect(readBack('s16', packer.pack([Float64Array.from(steps, (v) => v / 32768)]))).toEqual([
      0, 1, 0, -1, 1, -1,
    ]);
  });

  it('keeps every bit of floating-point samples, also beyond full scale', () => {
    const f64 = Float64Array.of(0.1, -3.7, 1e-300, -0, Infinity);
    const bytes = new SamplePacker('f64', 1, false).pack([f64]);
    expect(Buffer.from(bytes).equals(Buffer.from(f64.buffer))).toBe(true);
    const f32 = Float32Array.of(0.1, -3.7, 1e-40, -0);
    expect(Buffer.from(new SamplePacker('f32', 1, false).pack([f32])).equals(Buffer.from(f32.buffer))).toBe(
      true,
    );
  });

  it('holds what a lossy encoder gets to full scale', () => {
    const packer = new SamplePacker('f32clipped', 1, false);
    const bytes = packer.pack([Float32Array.of(1.5, -2, NaN, 0.25, 1, -1)]);
    expect([...new Float32Array(bytes.slice().buffer)]).toEqual([1, -1, 0, 0.25, 1, -1]);
    expect(packer.clippedSamples).toBe(2);
  });

  it('dithers with a triangle of plus and minus one step, without an offset', () => {
    const frames = 200_000;
    const level = 10.3 / 32768;
    const values = readBack(
      's16',
      new SamplePacker('s16', 1, true).pack([new Float64Array(frames).fill(level)]),
    );
    const mean = values.reduce((sum, v) => sum + v, 0) / frames;
    const variance = values.reduce((sum, v) => sum + (v - 10.3) ** 2, 0) / frames;
    // Mean error of 200 000 values with a deviation of half a step each: 4 sigma = 0.0045.
    expect(Math.abs(mean - 10.3)).toBeLessThan(0.0045);
    // Triangular dither makes the total error's variance 1/4 step whatever the signal (1/6 of the dither, 1/12 of rounding).
    expect(variance).toBeCloseTo(0.25, 2);
    expect(new Set(values).size).toBeLessThanOrEqual(4);
  });

  it('leaves exact silence silent under dither', () => {
    const values = readBack(
      's16',
      new SamplePacker('s16', 2, true).pack([new Float32Array(999), new Float32Array(999)]),
    );
    expect(values.every((v) => v === 0)).toBe(true);
  });

  it('gives the same dithered bytes however the stream is cut, and other noise per channel', () => {
    const wave = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i / 9) * 0.3 + 1e-7);
    const whole = Buffer.from(new SamplePacker('s16', 2, true).pack([wave, wave]));
    const packer = new SamplePacker('s16', 2, true);
    const parts: Buffer[] = [];
    for (const [from, to] of [
      [0, 1],
      [1, 334],
      [334, 1000],
    ])
      parts.push(Buffer.from(packer.pack([wave.subarray(from, to), wave.subarray(from, to)])));
    expect(Buffer.concat(parts).equals(whole)).toBe(true);
    const values = readBack('s16', whole);
    const differing = values.filter((v, i) => i % 2 === 0 && v !== values[i + 1]).length;
    expect(differing).toBeGreaterThan(200);
  });

  it('uses no dither above 16 bits', () => {
    const wave = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i));
    expect(new SamplePacker('s24', 1, true).pack([wave])).toEqual(
      new SamplePacker('s24', 1, false).pack([wave]),
    );
  });

  it('refuses a block of another shape', () => {
    const packer = new SamplePacker('s16', 2, false);
    expect(() => packer.pack([new Float32Array(3)])).toThrow(/2 channels/);
    expect(() => packer.pack([new Float32Array(3), new Float32Array(2)])).toThrow(/\[3, 2\]/);
  });
});
