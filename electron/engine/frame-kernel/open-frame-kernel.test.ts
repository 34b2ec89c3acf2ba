import { describe, expect, it } from 'vitest';
import { whiteNoise } from '../dsp/noise.fake.js';
import { runOnnx } from './onnx-run.fake.js';
import { openFrameKernel } from './open-frame-kernel.js';
import { tinyNet, type TinyNetOptions } from './tiny-net.fake.js';

/** Two orders of summation in float32 through a few layers; the issue allows 1e-4. */
const maskTolerance = 2e-5;

/** Loud, quiet and silent frames, [frames][bins]. */
function someMagnitudes(frames: number, bins: number, seed: number): Float32Array {
  const levels = [1, 100, 0.01, 0];
  return whiteNoise(frames * bins, seed).map(
    (value, i) => Math.abs(value) * levels[Math.floor(i / bins / 5) % levels.length]!,
  );
}

function runKernel(
  onnx: Uint8Array,
  magnitudes: Float32Array,
  bins: number,
): { mask: Float32Array; gates: Uint8Array; macs: number[] } {
  const kernel = openFrameKernel(onnx);
  const frames = magnitudes.length / bins;
  const mask = new Float32Array(magnitudes.length);
  const gates = new Uint8Array(frames * kernel.gateCount);
  const macs: number[] = [];
  for (let t = 0; t < frames; t++) {
    macs.push(kernel.process(magnitudes.subarray(t * bins, (t + 1) * bins)));
    mask.set(kernel.mask, t * bins);
    gates.set(kernel.gates, t * kernel.gateCount);
  }
  return { mask, gates, macs };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

/** Every size that is no multiple of what the kernel pads to, and the product's own. */
const nets: [title: string, options: Required<Pick<TinyNetOptions, 'bins'>> & TinyNetOptions][] = [
  ['a dense net', { bins: 257, gateWidth: 0 }],
  ['a gated net', { bins: 257 }],
  ['odd sizes', { bins: 13, channels: 11, hidden: 20, gateWidth: 3, dilations: [3, 1, 5] }],
  ['one of everything', { bins: 1, channels: 1, hidden: 4, gateWidth: 1, dilations: [1] }],
  ['a dense net of odd sizes', { bins: 30, channels: 5, hidden: 88, gateWidth: 0, dilations: [1, 2, 4] }],
  ['gates that never open', { bins: 9, gateBias: -100 }],
  ['gates that never close', { bins: 9, gateBias: 100 }],
  ['a gate wider than its block', { bins: 9, hidden: 4, gateWidth: 20 }],
];

describe('the frame kernel', () => {
  it.each(nets)('gives frame by frame what ONNX Runtime gives for all frames: %s', async (_, options) => {
    const onnx = tinyNet(options);
    const magnitudes = someMagnitudes(60, options.bins, 7);
    const expected = await runOnnx(onnx, magnitudes, options.bins);
    const found = runKernel(onnx, magnitudes, options.bins);
    expect([...found.gates]).toEqual([...expected.gates]);
    expect(largestDifference(found.mask, expected.mask)).toBeLessThan(maskTolerance);
  });

  it('counts the work of the channels that are on, and of the gates, against a net without gates', () => {
    const bins = 257;
    const options = { bins, channels: 8, hidden: 12, gateWidth: 4, dilations: [1, 2] };
    const fixed = 2 * bins * 8 + 2 * 4 * (8 + 12);
    const ofOneChannel = 8 + 3 + 8;
    const { gates, macs } = runKernel(tinyNet(options), someMagnitudes(20, bins, 3), bins);
    const open = gates.reduce((sum, bit) => sum + bit, 0);
    expect(open).toBeGreaterThan(0);
    expect(open).toBeLessThan(gates.length);
    expect(macs.reduce((sum, value) => sum + value, 0)).toBe(20 * fixed + ofOneChannel * open);
    const dense = 2 * bins * 8 + 2 * 12 * ofOneChannel;
    expect(openFrameKernel(tinyNet(options)).denseMacs).toBe(dense);
    expect(openFrameKernel(tinyNet({ ...options, gateWidth: 0 })).denseMacs).toBe(dense);
  });

  it('says 0 gates and the whole work for a dense net', () => {
    const kernel = openFrameKernel(tinyNet({ gateWidth: 0 }));
    expect(kernel.gateCount).toBe(0);
    expect(kernel.gates).toHaveLength(0);
    expect(kernel.process(someMagnitudes(1, 257, 1))).toBe(kernel.denseMacs);
  });

  it('is as new after a reset', () => {
    const onnx = tinyNet();
    const magnitudes = someMagnitudes(20, 257, 5);
    const kernel = openFrameKernel(onnx);
    const run = (): number[] => {
      const masks: number[] = [];
      for (let t = 0; t < 20; t++) {
        kernel.process(magnitudes.subarray(t * 257, (t + 1) * 257));
        masks.push(...kernel.mask);
      }
      return masks;
    };
    const first = run();
    expect(run()).not.toEqual(first);
    kernel.reset();
    expect(run()).toEqual(first);
  });

  it('keeps two nets apart', () => {
    const [a, b] = [openFrameKernel(tinyNet({ seed: 1 })), openFrameKernel(tinyNet({ seed: 50 }))];
    const magnitude = someMagnitudes(1, 257, 2);
    a.process(magnitude);
    const before = a.mask.slice();
    b.process(magnitude);
    expect(a.mask).toEqual(before);
    expect(b.mask).not.toEqual(before);
  });

  it('answers the largest and the smallest magnitudes with numbers', () => {
    const kernel = openFrameKernel(tinyNet());
    for (const value of [0, 1e-45, 1e-30, 1e9, 1e30]) {
      kernel.process(new Float32Array(257).fill(value));
      expect(kernel.mask.every((gain) => gain >= 0 && gain <= 1)).toBe(true);
    }
  });

  it('recovers by a reset from a magnitude that was no number', () => {
    const kernel = openFrameKernel(tinyNet());
    const magnitude = someMagnitudes(1, 257, 2);
    kernel.process(magnitude);
    const expected = kernel.mask.slice();
    kernel.process(new Float32Array(257).fill(Number.NaN));
    kernel.reset();
    kernel.process(magnitude);
    expect(kernel.mask).toEqual(expected);
  });
});

describe('a net that the frame kernel cannot be', () => {
  const wrongShape = { shape: [8, 12], data: new Float32Array(96) };
  it.each<[string, TinyNetOptions, RegExp]>([
    ['without dilations', { dilationsText: null }, /dilations.*found none/],
    ['with words as dilations', { dilationsText: '1,two' }, /dilations.*found "1,two"/],
    ['with too few dilations', { dilationsText: '1' }, /as many dilations as blocks/],
    ['with too many dilations', { dilationsText: '1,2,4' }, /"blocks\.2\.expand\.weight", found none/],
    ['with a dilation of 0', { dilationsText: '0,1' }, /dilations/],
    ['with a missing layer', { overrides: { 'decoder.bias': null } }, /"decoder\.bias", found none/],
    [
      'with another shape',
      { overrides: { 'blocks.1.project.weight': wrongShape } },
      /\[8, 12, 1\], found \[8, 12\]/,
    ],
    [
      'with gates in one block',
      { overrides: { 'blocks.0.gate.reduce.weight': null } },
      /gates in all blocks or in none/,
    ],
    ['with 6 hidden channels', { hidden: 6 }, /a multiple of 4 hidden channels.*found 6/],
    [
      'with weights that are no numbers',
      { overrides: { 'encoder.bias': { shape: [8], data: new Float32Array(8).fill(Number.NaN) } } },
      /finite numbers in "encoder\.bias"/,
    ],
  ])('%s is refused with what was expected and found', (_, options, message) => {
    expect(() => openFrameKernel(tinyNet(options))).toThrow(RangeError);
    expect(() => openFrameKernel(tinyNet(options))).toThrow(message);
  });
});
