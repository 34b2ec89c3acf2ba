import { describe, expect, it } from 'vitest';
import { voiceFrameCount } from '../../dsp/centred-frames.js';
import { sine, whiteNoise } from '../../dsp/noise.fake.js';
import type { Planar } from '../../dsp/planar.js';
import { LevelFrames, type LevelFrame } from './level-frames.js';

/** @param size  sample frames of one call */
function levels(input: Planar, sampleRateHz: number, size = input[0]!.length): LevelFrame[] {
  const frames: LevelFrame[] = [];
  const meter = new LevelFrames(sampleRateHz, input.length);
  const sink = (frame: LevelFrame): void => {
    frames.push(frame);
  };
  for (let at = 0; at < input[0]!.length; at += size) {
    meter.push(
      input.map((samples) => samples.subarray(at, at + size)),
      sink,
    );
  }
  meter.finish(sink);
  return frames;
}

describe.each([8000, 11_025, 44_100, 96_000])('level frames at %i Hz', (rate) => {
  it('give the mean square of every channel and the peak of all, as many as there are voice frames', () => {
    const input = [sine(rate, 500, rate, 0.4), sine(rate, 1000, rate, 0.1), new Float32Array(rate)];
    const frames = levels(input, rate);
    expect(frames).toHaveLength(voiceFrameCount(rate, rate));
    for (const { powers, peak } of frames.slice(10, 90)) {
      expect(10 * Math.log10(powers[0]! / 0.08)).toBeCloseTo(0, 0);
      expect(10 * Math.log10(powers[1]! / 0.005)).toBeCloseTo(0, 0);
      expect(powers[2]).toBe(0);
      expect(Math.abs(peak - 0.4)).toBeLessThan(0.02);
    }
  });

  it('measure nothing of an offset, from the first frame on, and little of rumble', () => {
    const offset = levels([new Float32Array(rate).fill(0.5)], rate);
    // The last frames reach beyond the end, where the offset stops.
    expect(offset.slice(0, 99).every(({ powers }) => powers[0] === 0)).toBe(true);
    const rumble = levels([sine(rate, 20, rate, 0.5)], rate).slice(20, 90);
    for (const { powers } of rumble) expect(powers[0]! / 0.125).toBeLessThan(1e-4);
  });

  it('do not depend on how the stream is cut', () => {
    const input = [whiteNoise(rate, 3), whiteNoise(rate, 4)];
    expect(levels(input, rate, 777)).toEqual(levels(input, rate));
  });
});
