import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { melBandCount, MelFrames } from '../dsp/mel-frames.js';
import { whiteNoise } from '../dsp/noise.fake.js';
import { frameCount, type Planar } from '../dsp/planar.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import type { ModelHost } from '../models/model-host.js';
import { SpeakerEmbedder, type SpeakerEmbedding } from './speaker-embedder.js';
import { cosineOf } from './speaker-similarity.js';
import { SpeechWindows, type SpeechWindow } from './speech-windows.js';
import { writeTinySpeakerEmbedder } from './tiny-speaker-embedder.fake.js';

/** Rounding of float32 in another order. */
const tolerance = 1e-5;

const root = mkdtempSync(join(tmpdir(), 'sotto-embedder-'));
const manifest = writeTinySpeakerEmbedder(root);
const host = new DirectModelHost(root);
afterAll(async () => {
  await host.close();
  rmSync(root, { recursive: true });
});

async function embed(
  input: Planar,
  sampleRateHz: number,
  blocks: readonly number[] = [4096],
  models: ModelHost = host,
): Promise<SpeakerEmbedding | null> {
  const format = { sampleRateHz, channels: input.length };
  const { signal } = new AbortController();
  const seconds = frameCount(input) / sampleRateHz;
  const embedder = await SpeakerEmbedder.open({ models, manifest, format, seconds, signal });
  for (let at = 0, turn = 0; at < frameCount(input); turn++) {
    const end = Math.min(frameCount(input), at + blocks[turn % blocks.length]!);
    await embedder.push(input.map((samples) => samples.subarray(at, end)));
    at = end;
  }
  const found = await embedder.finish();
  embedder.close();
  return found;
}

/** Noise whose colour changes all the time, so that it matters which of it is heard. */
function changingNoise(seconds: number, sampleRateHz: number, seed: number): Float32Array {
  const noise = whiteNoise(seconds * sampleRateHz, seed, 0.3);
  let last = 0;
  return noise.map((value, n) => {
    const share = 0.5 + 0.49 * Math.sin((2 * Math.PI * n) / (7.3 * sampleRateHz));
    return (last = share * last + (1 - share) * value);
  });
}

/** The whole recording looked at frame by frame, and the mean spectrum of each window as the tiny net has it. */
async function expectedVector(sound: Float32Array, sampleRateHz: number): Promise<Float64Array> {
  const windows = new SpeechWindows(sound.length / sampleRateHz);
  const sum = new Float64Array(melBandCount);
  const sink = ({ mel, frames }: SpeechWindow): void => {
    const spectrum = Float64Array.from({ length: melBandCount }, (_, band) =>
      mel.subarray(band * frames, (band + 1) * frames).reduce((total, value) => total + value / frames, 0),
    );
    const level = spectrum.reduce((total, value) => total + value / melBandCount, 0);
    const centred = spectrum.map((value) => value - level);
    const length = Math.hypot(...centred);
    centred.forEach((value, band) => (sum[band]! += (frames * value) / length));
  };
  const mel = await MelFrames.open(sampleRateHz, 1);
  mel.push([sound], (row) => windows.push(row, sink));
  mel.finish((row) => windows.push(row, sink));
  mel.close();
  windows.finish(sink);
  return sum.map((value) => value / Math.hypot(...sum));
}

describe('the embedding of a speaker', () => {
  it.each([
    [8000, 131],
    [11_025, 5],
    [44_100, 8],
  ])(
    'at %i Hz is the mean over windows of %d s, whether or not the rest is skipped',
    async (rateHz, seconds) => {
      const sound = changingNoise(seconds, rateHz, 3);
      const found = await embed([sound], rateHz, [30_011]);
      const expected = await expectedVector(sound, rateHz);
      expect(found!.vector).toHaveLength(melBandCount);
      expect(Math.max(...found!.vector.map((value, band) => Math.abs(value - expected[band]!)))).toBeLessThan(
        tolerance,
      );
    },
  );

  it('hears at most a minute of a long recording, and not only its start', async () => {
    let last = 0;
    // Bright at first, dull from 200 s on.
    const sound = whiteNoise(300 * 16_000, 4, 0.3).map((value, n) =>
      n < 200 * 16_000 ? value : (last = 0.95 * last + 0.2 * value),
    );
    const found = await embed([sound], 16_000);
    expect(found!.speechSeconds).toBeGreaterThan(50);
    expect(found!.speechSeconds).toBeLessThanOrEqual(60);
    const start = await embed([sound.subarray(0, 60 * 16_000)], 16_000);
    expect(cosineOf(found!.vector, start!.vector)).toBeLessThan(0.999);
  });

  it('does not care how the stream is cut, nor how loud it is', async () => {
    const sound = changingNoise(9, 16_000, 5);
    const whole = await embed([sound], 16_000, [sound.length]);
    for (const blocks of [[4096], [1, 0, 777, 30_011]])
      expect(await embed([sound], 16_000, blocks)).toEqual(whole);
    const louder = await embed([sound.map((value) => 2 * value)], 16_000);
    expect(cosineOf(whole!.vector, louder!.vector)).toBeCloseTo(1, 5);
  });

  it('hears several channels as one', async () => {
    const sound = changingNoise(5, 8000, 6);
    const [mono, stereo] = [await embed([sound], 8000), await embed([sound, sound], 8000)];
    expect(cosineOf(mono!.vector, stereo!.vector)).toBeCloseTo(1, 6);
  });

  it('is not made of less than a second of speech', async () => {
    expect(await embed([new Float32Array(40_000)], 8000)).toBeNull();
    expect(await embed([changingNoise(1, 8000, 7).subarray(0, 7600)], 8000)).toBeNull();
    expect(await embed([new Float32Array(0)], 8000)).toBeNull();
  });

  it('ends with its signal, and gives its session back', async () => {
    const abort = new AbortController();
    let open = 0;
    const models: ModelHost = Object.create(host, {
      open: {
        value: async (id: string, level: string) => {
          const session = await host.open(id, level);
          open++;
          return { ...session, release: () => open-- };
        },
      },
    }) as ModelHost;
    const format = { sampleRateHz: 8000, channels: 1 };
    const options = { models, manifest, format, seconds: 5, signal: abort.signal };
    const embedder = await SpeakerEmbedder.open(options);
    await embedder.push([changingNoise(1, 8000, 8)]);
    abort.abort();
    await expect(embedder.push([new Float32Array(10)])).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(open).toBe(1);
    embedder.close();
    embedder.close();
    expect(open).toBe(0);
  });
});
