import { describe, expect, it } from 'vitest';
import { voiceFrameCount } from '../dsp/centred-frames.js';
import { melBandCount, MelFrames } from '../dsp/mel-frames.js';
import { whiteNoise } from '../dsp/noise.fake.js';
import { frameCount, type Planar } from '../dsp/planar.js';
import { RunningMelMean } from '../dsp/running-mel-mean.js';
import { transpose } from '../dsp/spectrum.js';
import type { VoiceFrame } from './voice-codebooks.js';
import { VoiceEncoder } from './voice-encoder.js';
import { fakeEncoder, FakeVoiceHost } from './voice-host.fake.js';

/** Rounding of mean powers of two channels in another order. */
const tolerance = 1e-3;

async function encode(
  input: Planar,
  sampleRateHz: number,
  sizes: readonly number[],
  models = new FakeVoiceHost(),
): Promise<VoiceFrame[]> {
  const format = { sampleRateHz, channels: input.length };
  const { signal } = new AbortController();
  const encoder = await VoiceEncoder.open({ models, level: 'edge', format, signal });
  const frames: VoiceFrame[] = [];
  for (let at = 0, turn = 0; at < frameCount(input); turn++) {
    const end = Math.min(frameCount(input), at + sizes[turn % sizes.length]!);
    frames.push(...(await encoder.push(input.map((samples) => samples.subarray(at, end)))));
    at = end;
  }
  frames.push(...(await encoder.finish()));
  encoder.close();
  expect(models.openSessions).toBe(0);
  return frames;
}

describe('the voice encoder', () => {
  it.each([
    [8000, 0],
    [16_000, 1],
    [11_025, 5000],
    [48_000, 48_001],
  ])('at %i Hz hears %i samples in frames of 20 ms', async (sampleRateHz, samples) => {
    const frames = await encode([whiteNoise(samples, 1, 0.3)], sampleRateHz, [4096]);
    expect(frames).toHaveLength(voiceFrameCount(samples, sampleRateHz) / 2);
    expect(frames.every(({ z }) => z.length === 64 && z.every(Number.isFinite))).toBe(true);
  });

  it('does not care how the stream is cut, over several runs of the model', async () => {
    const noise = [whiteNoise(11 * 8000, 2, 0.3)];
    const models = new FakeVoiceHost();
    const whole = await encode(noise, 8000, [noise[0]!.length], models);
    expect(models.runs.length).toBeGreaterThan(2);
    expect(new Set(whole.map(({ first }) => first)).size).toBeGreaterThan(1);
    for (const sizes of [[4096], [1, 0, 777, 30_011]])
      expect(await encode(noise, 8000, sizes)).toEqual(whole);
  });

  it('hears the same in runs as in one long one', async () => {
    const noise = [whiteNoise(11 * 8000, 2, 0.3)];
    const rows: number[] = [];
    const collect = (row: Float64Array): void => {
      rows.push(...row);
    };
    const mel = await MelFrames.open(8000, 1);
    const mean = new RunningMelMean();
    mel.push(noise, (row) => mean.push(row, collect));
    mel.finish((row) => mean.push(row, collect));
    mean.finish(collect);
    mel.close();
    const frames = rows.length / melBandCount;
    const data = transpose(Float32Array.from(rows), frames, melBandCount);
    const z = transpose(fakeEncoder({ mel: { shape: [1, melBandCount, frames], data } }), 64, frames / 2);
    const heard = await encode(noise, 8000, [4096]);
    expect(Float32Array.from(heard.flatMap((frame) => [...frame.z]))).toEqual(z);
  });

  it('hears two opposed channels as one', async () => {
    const noise = whiteNoise(8000, 4, 0.3);
    const alone = await encode([noise], 8000, [4096]);
    const opposed = await encode([noise, noise.map((value) => -value)], 8000, [4096]);
    opposed.forEach(({ z }, k) => {
      z.forEach((value, d) => expect(Math.abs(value - alone[k]!.z[d]!)).toBeLessThan(tolerance));
    });
  });

  it('refuses what is no sound, a rate below speech, and anything after an abort or its end', async () => {
    const models = new FakeVoiceHost();
    const controller = new AbortController();
    const options = { models, level: 'edge', signal: controller.signal };
    const format = { sampleRateHz: 16_000, channels: 1 };
    const encoder = await VoiceEncoder.open({ ...options, format });
    await expect(encoder.push([new Float32Array(4096).fill(3e38)])).rejects.toMatchObject({
      code: 'INPUT_DAMAGED',
    });
    encoder.close();
    await expect(encoder.push([new Float32Array(1)])).rejects.toMatchObject({ code: 'CANCELLED' });
    const low = { sampleRateHz: 7000, channels: 1 };
    await expect(VoiceEncoder.open({ ...options, format: low })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    const aborted = await VoiceEncoder.open({ ...options, format });
    controller.abort();
    await expect(aborted.push([new Float32Array(1)])).rejects.toMatchObject({ code: 'CANCELLED' });
    aborted.close();
    aborted.close();
    expect(models.openSessions).toBe(0);
  });

  it('says MODEL_FAILED when the model answers with numbers that are none', async () => {
    const models = new FakeVoiceHost({
      encoder: ({ mel }) => new Float32Array((64 * mel!.shape[2]!) / 2).fill(NaN),
    });
    await expect(encode([whiteNoise(8000, 1)], 8000, [4096], models)).rejects.toMatchObject({
      code: 'MODEL_FAILED',
    });
  });
});
