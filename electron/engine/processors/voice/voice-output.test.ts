import { describe, expect, it } from 'vitest';
import { frameCentre, voiceFrameCount } from '../../dsp/centred-frames.js';
import { whiteNoise } from '../../dsp/noise.fake.js';
import { concatenated, type Planar } from '../../dsp/planar.js';
import { VoiceOutput } from './voice-output.js';

interface Gain {
  readonly gains: readonly number[];
  readonly peak: number;
}

/** @param gainOf  of a frame @param sizes  samples of one call, in turn */
function through(
  voice: Float32Array,
  sampleRateHz: number,
  gainOf: (frame: number) => Gain,
  sizes: readonly number[],
): Planar {
  const channels = gainOf(0).gains.length;
  const output = new VoiceOutput(sampleRateHz, channels);
  const frames = voiceFrameCount(voice.length, sampleRateHz);
  for (let t = 0; t < frames; t++) {
    const { gains, peak } = gainOf(t);
    output.pushFrame({ gains: Float64Array.from(gains), peak });
  }
  const parts: Planar[] = [];
  for (let at = 0, turn = 0; at < voice.length; turn++) {
    const end = Math.min(voice.length, at + sizes[turn % sizes.length]!);
    parts.push(output.push(voice.subarray(at, end)));
    at = end;
  }
  return concatenated([...parts, output.finish()], channels);
}

describe('the output of the voice', () => {
  it.each([0, 1, 100, 11_025, 20_001])('has as many samples as it was given: %i', (samples) => {
    const made = through(whiteNoise(samples, 1), 11_025, () => ({ gains: [1, 0.5], peak: 9 }), [777]);
    expect(made.map(({ length }) => length)).toEqual([samples, samples]);
  });

  it('has the gains of each frame at its centre, and lies between them elsewhere', () => {
    const rate = 22_050;
    const flat = new Float32Array(rate).fill(1);
    const [first, second] = through(flat, rate, (t) => ({ gains: [t, 2 * t], peak: 1e9 }), [1000]);
    for (const t of [0, 1, 7, 60, 99]) {
      expect(first![frameCentre(t, rate)]).toBeCloseTo(t, 3);
      expect(second![frameCentre(t, rate)]).toBeCloseTo(2 * t, 3);
    }
    expect(first![Math.round(10.5 * 220.5)]).toBeCloseTo(10.5, 1);
  });

  it('never rises above the peak of the recording, and gets there slowly', () => {
    const rate = 16_000;
    const voice = new Float32Array(3 * rate).fill(0.5);
    voice[1.5 * rate] = 8;
    const [made] = through(voice, rate, () => ({ gains: [1], peak: 1 }), [4096]);
    expect(Math.max(...made!)).toBeLessThanOrEqual(1);
    expect(made![1.5 * rate]).toBeGreaterThan(0.9);
    // Far away nothing changed; nearby it moves by less than a tenth in 10 ms.
    expect(made![0.2 * rate]).toBeCloseTo(0.5, 6);
    for (let n = 160; n < made!.length; n += 160) {
      if (Math.abs(n - 1.5 * rate) < 2 || Math.abs(n - 160 - 1.5 * rate) < 2) continue;
      expect(Math.abs(made![n]! - made![n - 160]!)).toBeLessThan(0.05);
    }
  });

  it('does not care how the voice is cut', () => {
    const voice = whiteNoise(40_000, 4, 2);
    const gainOf = (t: number): Gain => ({ gains: [Math.abs(Math.sin(t)), 1], peak: 0.7 });
    const whole = through(voice, 11_025, gainOf, [40_000]);
    for (const sizes of [[1000], [1, 0, 333, 9000]])
      expect(through(voice, 11_025, gainOf, sizes)).toEqual(whole);
  });

  it('is exactly 0 where the gains are', () => {
    const [made] = through(whiteNoise(8000, 4), 8000, () => ({ gains: [0], peak: 0 }), [512]);
    expect(made!.every((value) => value === 0)).toBe(true);
  });
});
