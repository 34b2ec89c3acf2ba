import { describe, expect, it } from 'vitest';
import { frameLayout } from './frame-layout.js';
import { MaskExtension } from './mask-extension.js';

const model = { fftSize: 512, sampleRateHz: 16_000 };
const layout = frameLayout(model, 48_000);
const frameSeconds = 0.016;
const binHz = 31.25;

function extended(extension: MaskExtension, valueAt: (hz: number) => number): Float32Array {
  const mask = new Float32Array(layout.bins);
  for (let k = 0; k < layout.modelBins; k++) mask[k] = valueAt(k * binHz);
  extension.extend(mask);
  return mask;
}

describe('the mask above the band of the model', () => {
  it('is the mean of its top bands, 5 to 8 kHz', () => {
    const mask = extended(new MaskExtension(layout, frameSeconds), (hz) => (hz < 5000 ? 1 : 0.25));
    expect(mask.subarray(257).every((value) => Math.abs(value - 0.25) < 1e-6)).toBe(true);
  });

  it('leaves what the model says up to 7.5 kHz untouched and passes over without a step', () => {
    const wave = (hz: number): number => 0.5 + 0.4 * Math.sin(hz / 300);
    const mask = extended(new MaskExtension(layout, frameSeconds), wave);
    for (let k = 0; k < 240; k++) expect(mask[k]).toBe(Math.fround(wave(k * binHz)));
    const steps = Array.from({ length: 30 }, (_, i) => Math.abs(mask[230 + i]! - mask[231 + i]!));
    expect(Math.max(...steps)).toBeLessThan(0.1);
  });

  it('opens at once and closes over some frames, so that consonants are whole and noise does not breathe', () => {
    const extension = new MaskExtension(layout, frameSeconds);
    const top = (value: number): number => extended(extension, () => value)[600]!;
    top(0);
    expect(top(1)).toBe(1);
    const closing = [top(0), top(0), top(0)];
    expect(closing[0]).toBeGreaterThan(0.5);
    expect(closing[1]).toBeCloseTo(closing[0]! ** 2, 6);
    expect(closing[2]).toBeLessThan(0.25);
  });

  it('touches nothing where the recording has no bins above', () => {
    const extension = new MaskExtension(frameLayout(model, 16_000), frameSeconds);
    const mask = Float32Array.from({ length: 257 }, (_, k) => k / 257);
    const before = mask.slice();
    extension.extend(mask);
    expect(mask).toEqual(before);
  });
});
