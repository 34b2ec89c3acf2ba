import { describe, expect, it } from 'vitest';
import { voiceFrameCount } from '../dsp/centred-frames.js';
import { whiteNoise } from '../dsp/noise.fake.js';
import { PitchTracker } from '../dsp/pitch-tracker.js';
import type { Clarity } from './voice-codebooks.js';
import { VoiceCodebooks } from './voice-codebooks.js';
import { fakeSynthesis, FakeVoiceHost } from './voice-host.fake.js';
import { findVoiceModels } from './voice-models.js';
import { VoiceSynthesis, type SpokenFrame } from './voice-synthesis.js';

const voice = { vector: Float32Array.of(0.5, -0.5), registerHz: 150 };

async function open(
  sampleRateHz: number,
  models = new FakeVoiceHost(),
  clarity: Clarity = 'strict',
  signal = new AbortController().signal,
): Promise<VoiceSynthesis> {
  const found = findVoiceModels(models, 'edge');
  const codebooks = await VoiceCodebooks.read(models, found.codes);
  const options = { models, found, codebooks, sampleRateHz, voice, clarity, signal, noiseSeed: 77 };
  return VoiceSynthesis.open(options);
}

/** Frames for so many samples; voiced for 400 ms, unvoiced for 200, and so on. */
function frames(samples: number, sampleRateHz: number, f0Hz = 140): SpokenFrame[] {
  return Array.from({ length: voiceFrameCount(samples, sampleRateHz) / 2 }, (_, k) => {
    const f0 = k % 30 < 20 ? f0Hz : 0;
    return { first: k % 4, residual: (k >> 2) % 4, z: whiteNoise(64, k + 1), f0Hz: [f0, f0] as const };
  });
}

/** @param sizes  frames of one call, in turn */
async function speak(
  synthesis: VoiceSynthesis,
  given: readonly SpokenFrame[],
  samples: number,
  sizes: readonly number[],
): Promise<Float32Array> {
  const sound: number[] = [];
  for (let at = 0, turn = 0; at < given.length; turn++) {
    const end = Math.min(given.length, at + sizes[turn % sizes.length]!);
    for (const value of await synthesis.push(given.slice(at, end))) sound.push(value);
    at = end;
  }
  for (const value of await synthesis.finish(samples)) sound.push(value);
  synthesis.close();
  return Float32Array.from(sound);
}

describe('the voice synthesis', () => {
  it.each([8000, 8192, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000, 192_000])(
    'makes exactly as many samples as are asked for, at %i Hz',
    async (sampleRateHz) => {
      for (const seconds of [0, 1 / sampleRateHz, 0.011, 0.02, 0.5]) {
        const samples = Math.round(seconds * sampleRateHz);
        const sound = await speak(await open(sampleRateHz), frames(samples, sampleRateHz), samples, [7]);
        expect(sound, `${samples} samples`).toHaveLength(samples);
        expect(sound.every(Number.isFinite)).toBe(true);
      }
    },
  );

  it.each([11_025, 16_000])('does not care how the frames are cut, at %i Hz', async (sampleRateHz) => {
    const samples = 5 * sampleRateHz + 17;
    const given = frames(samples, sampleRateHz);
    const whole = await speak(await open(sampleRateHz), given, samples, [given.length]);
    expect(whole.some((value) => Math.abs(value) > 0.1)).toBe(true);
    for (const sizes of [[1], [3, 0, 50]]) {
      expect(await speak(await open(sampleRateHz), given, samples, sizes)).toEqual(whole);
    }
  });

  it.each([11_025, 16_000, 48_000, 96_000])(
    'speaks at the pitch it is told, without a shift, at %i Hz',
    async (sampleRateHz) => {
      const samples = Math.round(1.2 * sampleRateHz);
      const sound = await speak(await open(sampleRateHz), frames(samples, sampleRateHz, 180), samples, [10]);
      const tracker = await PitchTracker.open(sampleRateHz, 1);
      const heard: number[] = [];
      const sink = (f0Hz: number): void => {
        heard.push(f0Hz);
      };
      tracker.push([sound], sink);
      tracker.finish(sink);
      tracker.close();
      // Voiced for frames 0 to 39 and 60 to 99; the tracker's window of 50 ms reaches over the edges.
      for (const t of [5, 20, 35, 65, 80, 95]) expect(Math.abs(heard[t]! - 180)).toBeLessThan(2);
      for (const t of [46, 50, 54, 108]) expect(heard[t]).toBe(0);
    },
  );

  it('tells the model what, how high, by whom and how clearly', async () => {
    const seen: Record<string, number[]>[] = [];
    const models = new FakeVoiceHost({
      synthesis: (inputs) => {
        seen.push(Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, [...data]])));
        return fakeSynthesis(inputs);
      },
    });
    const z = new Float32Array(64).fill(0.5);
    const spoken: SpokenFrame[] = [
      { first: 0, residual: 0, z, f0Hz: [2 ** 7.3, 0] },
      { first: 0, residual: 0, z, f0Hz: [0, 2 ** 8.3] },
    ];
    await speak(await open(16_000, models, 'clear'), spoken, 640, [2]);
    expect(seen).toHaveLength(1);
    expect(seen[0]!['z']!.every((value) => value === 0.5)).toBe(true);
    const expected = [0, 0, 0, 1, 1, 0, 0, 1];
    seen[0]!['pitch']!.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    expect(seen[0]!['voice']).toEqual([...voice.vector]);
    expect(seen[0]!['mode']).toEqual([0, 0, 1]);
  });

  it('speaks with the voice of the frames where they have one, from the next 2 s on', async () => {
    const seen: number[][] = [];
    const models = new FakeVoiceHost({
      synthesis: (inputs) => {
        seen.push([...inputs['voice']!.data]);
        return fakeSynthesis(inputs);
      },
    });
    const samples = 6 * 16_000;
    const own = Float32Array.of(2, 3);
    const given = frames(samples, 16_000).map((frame, k) => (k < 150 ? frame : { ...frame, voice: own }));
    await speak(await open(16_000, models), given, samples, [7]);
    expect(seen).toEqual([[...voice.vector], [...voice.vector], [...own]]);
  });

  it('is finite whatever finite filters a net gives, and the same where they make sense', async () => {
    const samples = 8000;
    const given = frames(samples, 16_000);
    const spoken = async (change: (value: number, bin: number) => number): Promise<Float32Array> => {
      const models = new FakeVoiceHost({
        synthesis: (inputs) => {
          const filters = fakeSynthesis(inputs);
          const count = filters.length / 1440;
          return filters.map((value, i) => change(value, Math.floor(i / count)));
        },
      });
      return speak(await open(16_000, models), given, samples, [50]);
    };
    const usual = await speak(await open(16_000), given, samples, [50]);
    expect(await spoken((value) => value)).toEqual(usual);
    for (const absurd of [89, 1e4, 3e38]) {
      for (const sign of [1, -1]) {
        const made = await spoken(() => sign * absurd);
        expect(made.every(Number.isFinite), `${sign * absurd}`).toBe(true);
      }
    }
    // Phases may turn as often as they like.
    const turned = await spoken((value, bin) => (bin >= 480 && bin < 960 ? value + 200 * Math.PI : value));
    turned.forEach((value, n) => expect(Math.abs(value - usual[n]!)).toBeLessThan(0.01));
  });

  it('refuses a length that the frames do not cover, codes of another book, and anything after an abort', async () => {
    const short = await open(16_000);
    await short.push(frames(640, 16_000));
    await expect(short.finish(64_000)).rejects.toThrow(/filter frames/);
    short.close();
    const strange = await open(16_000);
    await expect(strange.push([{ first: 99, residual: 0, f0Hz: [0, 0] }])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    strange.close();
    const models = new FakeVoiceHost();
    const controller = new AbortController();
    const aborted = await open(16_000, models, 'strict', controller.signal);
    controller.abort();
    await expect(aborted.push([])).rejects.toMatchObject({ code: 'CANCELLED' });
    aborted.close();
    aborted.close();
    expect(models.openSessions).toBe(0);
  });
});
