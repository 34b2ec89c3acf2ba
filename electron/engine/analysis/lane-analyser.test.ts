import { describe, expect, it } from 'vitest';
import { sine, whiteNoise } from '../dsp/noise.fake.js';
import type { Planar } from '../dsp/planar.js';
import type { FrameKernel } from '../frame-kernel/frame-kernel.js';
import { openFrameKernel } from '../frame-kernel/open-frame-kernel.js';
import { tinyNet } from '../frame-kernel/tiny-net.fake.js';
import { tinyProbes } from '../models/tiny-probes.fake.js';
import { LaneAnalyser, type LaneNet } from './lane-analyser.js';
import { laneOf, type Lanes } from './lanes.js';
import { tinyGatedNet, tinyGatedProbes } from './tiny-gated-model.fake.js';

const transform = { fftSize: 512, sampleRateHz: 16_000 };

/** A net of six gates, of which the first is on while 1 kHz is heard. */
class TonalKernel implements FrameKernel {
  readonly bins = 257;
  readonly gateCount = 6;
  readonly denseMacs = 1;
  readonly mask = new Float32Array(257);
  readonly gates = new Uint8Array(6);
  resets = 0;

  process(magnitude: Float32Array): number {
    this.gates[0] = magnitude[32]! > 10 ? 1 : 0;
    return 1;
  }

  reset(): void {
    this.resets++;
  }
}

const tonalNet = (): LaneNet => ({ kernel: new TonalKernel(), table: tinyProbes(), transform });

/** A real net with random weights, and probes with windows and delays. */
function randomNet(): LaneNet {
  return { kernel: openFrameKernel(tinyGatedNet()), table: tinyGatedProbes(), transform };
}

async function analyse(
  signal: Planar,
  sampleRateHz: number,
  sizes: readonly number[],
  net: LaneNet,
): Promise<Lanes> {
  const analyser = await LaneAnalyser.open(sampleRateHz, signal.length, net);
  const frames = signal[0]!.length;
  for (let at = 0, turn = 0; at < frames; turn++) {
    const end = Math.min(frames, at + sizes[turn % sizes.length]!);
    analyser.push(signal.map((samples) => samples.subarray(at, end)));
    at = end;
  }
  const lanes = analyser.finish();
  analyser.close();
  analyser.close();
  return lanes;
}

describe('the lanes of a stream', () => {
  it.each([
    [8000, 1],
    [16_000, 1],
    [22_050, 2],
    [44_100, 2],
    [48_000, 6],
    [96_000, 1],
  ])('stand where the sound is, at %i Hz with %i channels', async (sampleRateHz, channels) => {
    const tone = sine(3 * sampleRateHz + 17, 1000, sampleRateHz, 0.5);
    // Between the tones there is a little noise, so that it is not silence.
    const signal = Array.from({ length: channels }, (_, channel) =>
      whiteNoise(tone.length, channel + 1, 0.02).map((value, n) =>
        n >= sampleRateHz && n < 2 * sampleRateHz ? tone[n]! : value,
      ),
    );
    const lanes = await analyse(signal, sampleRateHz, [4096], tonalNet());
    const { frameSeconds, frames, seconds } = lanes;
    const hop = Math.round(frameSeconds * sampleRateHz);
    expect(frameSeconds).toBe(hop / sampleRateHz);
    expect(frames).toBe(Math.ceil(tone.length / hop) + 1);
    expect(seconds).toBe(tone.length / sampleRateHz);
    const speech = laneOf(lanes, 'speech');
    // The last frame may reach so far beyond the end that next to nothing of it sounds.
    expect(speech.subarray(0, -1).every((value) => !Number.isNaN(value))).toBe(true);
    const first = speech.findIndex((value) => value > 0.5) * frameSeconds;
    const last = speech.findLastIndex((value) => value > 0.5) * frameSeconds;
    // A frame reaches one hop to both sides.
    expect(Math.abs(first - 1)).toBeLessThanOrEqual(frameSeconds);
    expect(Math.abs(last - 2)).toBeLessThanOrEqual(frameSeconds);
  });

  it.each([11_025, 16_000, 48_000])('do not depend on how it is cut, at %i Hz', async (sampleRateHz) => {
    const signal = [1, 2].map((seed) =>
      whiteNoise(Math.round(5.3 * sampleRateHz), seed, 0.5).map((value, n) => value * Math.sin(n / 20_000)),
    );
    const whole = await analyse(signal, sampleRateHz, [signal[0]!.length], randomNet());
    const known = laneOf(whole, 'speech').filter((value) => !Number.isNaN(value));
    // Lanes that say nothing, or always the same, would prove nothing.
    expect(new Set(known).size).toBeGreaterThan(3);
    for (const sizes of [[32_768], [1, 0, 777, 30_011], [sampleRateHz]]) {
      expect(await analyse(signal, sampleRateHz, sizes, randomNet())).toEqual(whole);
    }
  });

  it('are the same for the same net, used again', async () => {
    const net = randomNet();
    const signal = [whiteNoise(40_000, 3, 0.3)];
    expect(await analyse(signal, 16_000, [4096], net)).toEqual(await analyse(signal, 16_000, [4096], net));
  });

  it.each([0, 1, 255, 256, 257])('have a value for every frame of %i samples', async (samples) => {
    const lanes = await analyse([whiteNoise(samples, 1, 0.3)], 16_000, [100], randomNet());
    expect(lanes.frames).toBe(Math.ceil(samples / 256) + 1);
    expect(lanes.values).toHaveLength(4 * lanes.frames);
  });

  it('are unknown for digital silence and for whatever is softer than the table says', async () => {
    const silent = await analyse([new Float32Array(16_000)], 16_000, [4096], tonalNet());
    expect(silent.values.every(Number.isNaN)).toBe(true);
    // -69 dBFS and -71 dBFS against a limit of -70: full scale of a sine is -3 dBFS in mean square.
    for (const [levelDb, unknown] of [
      [-69, false],
      [-71, true],
    ] as const) {
      const tone = sine(48_000, 1000, 48_000, 10 ** ((levelDb + 3.01) / 20));
      const speech = laneOf(await analyse([tone], 48_000, [4096], tonalNet()), 'speech');
      expect(Number.isNaN(speech[30])).toBe(unknown);
    }
  });

  it('are refused for numbers that are no sound, and for a net that is not the one of the table', async () => {
    await expect(
      analyse([new Float32Array(4096).fill(3e38)], 16_000, [4096], tonalNet()),
    ).rejects.toMatchObject({
      code: 'INPUT_DAMAGED',
    });
    const dense = { ...tonalNet(), kernel: openFrameKernel(tinyNet({ gateWidth: 0 })) };
    await expect(LaneAnalyser.open(16_000, 1, dense)).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    const narrow = { ...tonalNet(), transform: { fftSize: 256, sampleRateHz: 16_000 } };
    await expect(LaneAnalyser.open(16_000, 1, narrow)).rejects.toThrow(/129 bins, found one of 257/);
  });
});
