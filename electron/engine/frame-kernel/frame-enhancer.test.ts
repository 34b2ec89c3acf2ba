import { describe, expect, it } from 'vitest';
import { whiteNoise } from '../dsp/noise.fake.js';
import type { Planar } from '../dsp/planar.js';
import { openFrameEnhancer, type FrameEnhancer } from './frame-enhancer.js';
import { tinyNet } from './tiny-net.fake.js';

/** A net whose mask is 1 to within float32 rounding everywhere: the decoder's bias alone opens it. */
const openMask = tinyNet({
  overrides: { 'decoder.bias': { shape: [257], data: new Float32Array(257).fill(60) } },
});
/** Analysis and synthesis in float32. */
const roundTripTolerance = 2e-6;

/** Hops as planar views, [hops][channels][hopSamples]. */
function hopsOf(enhancer: FrameEnhancer, hops: number, seed: number): Planar[] {
  return Array.from({ length: hops }, (_, t) =>
    Array.from({ length: enhancer.channels }, (__, channel) =>
      whiteNoise(enhancer.hopSamples, seed + 10 * t + channel, 0.5),
    ),
  );
}

function process(enhancer: FrameEnhancer, hops: readonly Planar[]): { sound: Planar[]; shares: number[] } {
  const shares: number[] = [];
  const sound = hops.map((hop) => {
    const output = hop.map((channel) => new Float32Array(channel.length));
    shares.push(enhancer.processHop(hop, output));
    return output;
  });
  return { sound, shares };
}

describe('the frame enhancer', () => {
  it.each([
    [8000, 1],
    [11_025, 2],
    [16_000, 1],
    [44_100, 2],
    [48_000, 6],
    [192_000, 1],
  ])(
    'gives what it was given exactly one hop late when the mask is open, at %i Hz in %i channels',
    (sampleRateHz, channels) => {
      const enhancer = openFrameEnhancer({ onnx: openMask, sampleRateHz, channels });
      expect(enhancer.latencySamples).toBe(enhancer.hopSamples);
      expect(enhancer.hopSamples / sampleRateHz).toBeCloseTo(0.016, 3);
      const hops = hopsOf(enhancer, 5, 1);
      const { sound } = process(enhancer, hops);
      const before = hops[0]!.map((channel) => new Float32Array(channel.length));
      [before, ...hops.slice(0, -1)].forEach((expected, t) => {
        sound[t]!.forEach((channel, i) => {
          const difference = channel.map((value, n) => Math.abs(value - expected[i]![n]!));
          expect(Math.max(...difference)).toBeLessThan(roundTripTolerance);
        });
      });
    },
  );

  it('gives the same when it writes into its input', () => {
    const options = { onnx: tinyNet(), sampleRateHz: 48_000, channels: 2 };
    const hops = hopsOf(openFrameEnhancer(options), 4, 3);
    const { sound: expected } = process(openFrameEnhancer(options), hops);
    const enhancer = openFrameEnhancer(options);
    for (const hop of hops) enhancer.processHop(hop, hop);
    expect(hops).toEqual(expected);
  });

  it('is as new after a reset', () => {
    const enhancer = openFrameEnhancer({ onnx: tinyNet(), sampleRateHz: 48_000, channels: 2 });
    const hops = hopsOf(enhancer, 6, 7);
    const first = process(enhancer, hops);
    expect(process(enhancer, hops)).not.toEqual(first);
    enhancer.reset();
    expect(process(enhancer, hops)).toEqual(first);
  });

  it('tells the share of the work: all of it without gates, more where all are open, less the fewer are, never none', () => {
    const shareOf = (onnx: Uint8Array): number => {
      const enhancer = openFrameEnhancer({ onnx, sampleRateHz: 16_000, channels: 1 });
      return Math.max(...process(enhancer, hopsOf(enhancer, 5, 1)).shares);
    };
    const closed = shareOf(tinyNet({ gateBias: -100, hidden: 400 }));
    expect(shareOf(tinyNet({ gateWidth: 0 }))).toBe(1);
    const gateMacs = 2 * 4 * (8 + 400);
    const denseMacs = 2 * 257 * 8 + 2 * 400 * (8 + 3 + 8);
    expect(shareOf(tinyNet({ gateBias: 100, hidden: 400 }))).toBeCloseTo(1 + gateMacs / denseMacs, 9);
    expect(closed).toBeGreaterThan(0);
    expect(closed).toBeLessThan(0.4);
  });

  it.each([Number.NaN, Infinity, 1e30])(
    'silences the two frames around a sample of %d and then goes on',
    (bad) => {
      const options = { onnx: openMask, sampleRateHz: 16_000, channels: 1 };
      const enhancer = openFrameEnhancer(options);
      const hops = hopsOf(enhancer, 8, 1);
      const expected = hops.map(([channel]) => channel!.slice());
      hops[3]![0]![100] = bad;
      const { sound } = process(enhancer, hops);
      expect(sound.every(([channel]) => channel!.every((value) => Number.isFinite(value)))).toBe(true);
      // Frames 3 and 4 cover hop 3; with them half of the sound of hops 2 and 4 is gone, and the rest is whole.
      expect(sound[4]![0]!.every((value) => value === 0)).toBe(true);
      for (const t of [1, 2, 6, 7]) {
        const difference = sound[t]![0]!.map((value, n) => Math.abs(value - expected[t - 1]![n]!));
        expect(Math.max(...difference)).toBeLessThan(roundTripTolerance);
      }
    },
  );

  it.each([
    [0, 1, /sample rate of at least 1000 Hz, found 0/],
    [Number.NaN, 1, /found NaN/],
    [Infinity, 1, /found Infinity/],
    [48_000, 0, /1 channel or more, found 0/],
    [48_000, 1.5, /found 1.5/],
  ])('at %d Hz in %d channels is refused', (sampleRateHz, channels, message) => {
    expect(() => openFrameEnhancer({ onnx: openMask, sampleRateHz, channels })).toThrow(message);
  });
});
