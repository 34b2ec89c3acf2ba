import { describe, expect, it } from 'vitest';
import { Melody, type HeardPitch, type MelodyOptions } from './melody.js';

const usual: MelodyOptions = { pitch: 'natural', strength: 1, registerHz: 200, seed: 9 };
const frame = (
  f0Hz: number,
  open = true,
  riseOctaves = f0Hz > 0 ? Math.log2(f0Hz / 100) : 0,
): HeardPitch => ({
  f0Hz,
  riseOctaves,
  registerOctaves: Math.log2(100),
  open,
});

/** @param f0Hz  of the recording, frame by frame */
function sing(options: Partial<MelodyOptions>, f0Hz: readonly number[]): number[] {
  const melody = new Melody({ ...usual, ...options });
  return f0Hz.map((f0) => melody.next(frame(f0)));
}

/** A voice that goes up and down, with a gap. */
const source = Array.from({ length: 600 }, (_, t) => (t % 50 < 40 ? 100 * 2 ** (0.3 * Math.sin(t / 20)) : 0));
const voiced = (values: readonly number[]): number[] => values.filter((value) => value > 0);
const octaves = (values: readonly number[]): number[] => voiced(values).map(Math.log2);
const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

describe('the melody', () => {
  it('is unvoiced exactly where the recording is, whatever it is made of', () => {
    for (const pitch of ['natural', 'flat', 'template'] as const) {
      expect(sing({ pitch }, source).map((f0) => f0 > 0)).toEqual(source.map((f0) => f0 > 0));
    }
  });

  it('moves as a whole when natural, and stays on the register when flat', () => {
    const moved = sing({}, source);
    moved.forEach((f0, t) => expect(f0).toBeCloseTo(2 * source[t]!, 6));
    for (const f0 of voiced(sing({ pitch: 'flat' }, source))) expect(f0).toBeCloseTo(200, 6);
  });

  it('leaves the recording as high as it is where the speaker keeps their voice', () => {
    const own = sing({ registerHz: null }, source);
    own.forEach((f0, t) => expect(f0).toBeCloseTo(source[t]!, 6));
    for (const f0 of voiced(sing({ registerHz: null, pitch: 'flat' }, source)))
      expect(f0).toBeCloseTo(100, 6);
    // The same melody as in a voice of that register.
    expect(sing({ registerHz: null, pitch: 'template' }, source)).toEqual(
      sing({ registerHz: 100, pitch: 'template' }, source),
    );
    const unknown = new Melody({ ...usual, registerHz: null, pitch: 'flat' });
    expect(unknown.next({ ...frame(130), registerOctaves: null })).toBeCloseTo(130, 6);
  });

  it('goes as far as strength says, in octaves', () => {
    const half = sing({ strength: 0.5 }, source);
    half.forEach((f0, t) => expect(f0).toBeCloseTo(Math.SQRT2 * source[t]!, 6));
    expect(spread(octaves(sing({ pitch: 'flat', strength: 0.5 }, source)))).toBeCloseTo(
      spread(octaves(source)) / 2,
      6,
    );
  });

  it('takes nothing of the recording into a template but where it is voiced', () => {
    const other = source.map((f0) => (f0 > 0 ? 400 - f0 : 0));
    const template = sing({ pitch: 'template' }, source);
    expect(sing({ pitch: 'template' }, other)).toEqual(template);
    expect(sing({ pitch: 'template', seed: 10 }, source)).not.toEqual(template);
    expect(spread(octaves(template))).toBeGreaterThan(0.1);
  });

  it('comes down over a phrase of the template, and begins anew after a pause', () => {
    // Many templates, so that their wandering cancels out.
    const mean = (from: number, after: number): number => {
      const heights = Array.from({ length: 60 }, (_, seed) => {
        const melody = new Melody({ ...usual, pitch: 'template', seed: (seed + 1) * 71_582_789 });
        for (let t = 0; t < from; t++) melody.next(frame(100));
        for (let t = 0; t < after; t++) melody.next(frame(0, false));
        return Math.log2(melody.next(frame(100)));
      });
      return heights.reduce((sum, value) => sum + value, 0) / heights.length;
    };
    expect(mean(0, 0) - mean(400, 0)).toBeGreaterThan(0.1);
    expect(mean(400, 40) - mean(400, 0)).toBeGreaterThan(0.1);
    expect(Math.abs(mean(400, 10) - mean(410, 0))).toBeLessThan(0.05);
  });

  it('does not jump within a template', () => {
    const template = octaves(sing({ pitch: 'template' }, new Array<number>(2000).fill(120)));
    template.slice(1).forEach((value, t) => expect(Math.abs(value - template[t]!)).toBeLessThan(0.02));
  });

  it('stays within what the synthesis heard', () => {
    const all = [...sing({ registerHz: 5000 }, source), ...sing({ registerHz: 5 }, source)];
    expect(Math.max(...all)).toBeCloseTo(600, 6);
    expect(Math.min(...voiced(all))).toBeCloseTo(50, 6);
  });
});
