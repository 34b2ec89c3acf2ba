import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { channelWeights, integratedLoudness, LoudnessMeter, lufs, matchedLoudness } from './loudness.js';
import { sine, whiteNoise } from './noise.fake.js';
import type { Planar } from './planar.js';

/** ffmpeg prints one decimal. */
const ffmpegToleranceLu = 0.1;

function measure(sampleRateHz: number, signal: Planar, blockFrames = 4096): LoudnessMeter {
  const meter = new LoudnessMeter(sampleRateHz, signal.length);
  for (let at = 0; at < (signal[0]?.length ?? 0); at += blockFrames) {
    meter.push(signal.map((samples) => samples.subarray(at, at + blockFrames)));
  }
  return meter;
}

/** Noise whose level changes every half second over 50 dB, different in every channel, so that the gates have work to do. */
function speechLikeNoise(sampleRateHz: number, channels: number, seconds: number): Planar {
  return Array.from({ length: channels }, (_, channel) => {
    const samples = whiteNoise(sampleRateHz * seconds, 7 + channel, 0.5);
    return samples.map((value, n) => {
      const part = Math.floor((2 * n) / sampleRateHz);
      return value * 10 ** (-((part * 17 + channel * 5) % 50) / 20);
    });
  });
}

/** Integrated loudness as ffmpeg's ebur128 filter sees it. */
function ffmpegLoudness(sampleRateHz: number, signal: Planar, layout: string): number {
  const frames = signal[0]!.length;
  const interleaved = new Float32Array(frames * signal.length);
  signal.forEach((samples, channel) => {
    samples.forEach((value, n) => (interleaved[n * signal.length + channel] = value));
  });
  const { stderr, status } = spawnSync(
    'ffmpeg',
    [
      ...[
        '-hide_banner',
        '-nostats',
        '-f',
        'f32le',
        '-ar',
        String(sampleRateHz),
        '-ac',
        String(signal.length),
      ],
      ...['-channel_layout', layout, '-i', 'pipe:0', '-af', 'ebur128', '-f', 'null', '-'],
    ],
    { input: Buffer.from(interleaved.buffer), encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  const summary = stderr.slice(stderr.lastIndexOf('Summary'));
  return Number(/I:\s+(-?[\d.]+) LUFS/.exec(summary)?.[1]);
}

describe('integrated loudness', () => {
  it('of a 997 Hz full-scale sine in one channel is -3.01 LUFS', () => {
    const meter = measure(48_000, [sine(48_000 * 5, 997, 48_000, 1)]);
    expect(integratedLoudness(meter.blocks())).toBeCloseTo(-3.01, 1);
  });

  it.each([
    [48_000, 'mono', 1],
    [48_000, 'stereo', 2],
    [44_100, 'stereo', 2],
    [8000, 'mono', 1],
    [16_000, 'stereo', 2],
    [22_050, 'mono', 1],
    [96_000, 'stereo', 2],
    [192_000, 'mono', 1],
    [48_000, '5.1', 6],
    [48_000, 'quad', 4],
  ])('agrees with ffmpeg at %i Hz in %s', (sampleRateHz, layout, channels) => {
    const signal = speechLikeNoise(sampleRateHz, channels, 12);
    const found = integratedLoudness(measure(sampleRateHz, signal).blocks());
    expect(Math.abs(found! - ffmpegLoudness(sampleRateHz, signal, layout))).toBeLessThan(ffmpegToleranceLu);
  });

  it('does not depend on how the stream is cut', () => {
    const signal = speechLikeNoise(44_100, 2, 4);
    const whole = integratedLoudness(measure(44_100, signal, 1e9).blocks())!;
    expect(integratedLoudness(measure(44_100, signal, 13).blocks())).toBeCloseTo(whole, 9);
  });

  it('is null for silence, for nothing, and below 400 ms', () => {
    expect(integratedLoudness(measure(48_000, [new Float32Array(96_000)]).blocks())).toBeNull();
    expect(integratedLoudness(measure(48_000, [new Float32Array(0)]).blocks())).toBeNull();
    expect(integratedLoudness(measure(48_000, [whiteNoise(19_199, 1)]).blocks())).toBeNull();
  });

  it('leaves the low-frequency channel of 5.1 out', () => {
    const silent = new Float32Array(48_000);
    const signal = [silent, silent, silent, whiteNoise(48_000, 1), silent, silent];
    expect(integratedLoudness(measure(48_000, signal).blocks())).toBeNull();
    expect(channelWeights(9)).toEqual(Array.from({ length: 9 }, () => 1));
  });
});

describe('matched loudness', () => {
  const loudThenQuiet = (quietGain: number): Planar => [
    whiteNoise(48_000 * 8, 3, 0.3).map((value, n) => (n < 48_000 * 4 ? value : value * quietGain)),
  ];

  it('finds exactly the gain between two streams that differ by a gain', () => {
    const raw = loudThenQuiet(0.5);
    const quieter = raw.map((samples) => samples.map((value) => value * 0.25));
    const { rawLufs, resultLufs, method } = matchedLoudness(
      measure(48_000, raw).blocks(),
      measure(48_000, quieter).blocks(),
    );
    expect(method).toBe('gated');
    expect(rawLufs! - resultLufs!).toBeCloseTo(20 * Math.log10(4), 3);
  });

  it('is not misled by noise that was taken out between the words', () => {
    // The words are untouched; gated each by itself the raw would count its loud pauses too.
    const raw = measure(48_000, loudThenQuiet(0.5)).blocks();
    const result = measure(48_000, loudThenQuiet(0.001)).blocks();
    const { rawLufs, resultLufs } = matchedLoudness(raw, result);
    expect(Math.abs(rawLufs! - resultLufs!)).toBeLessThan(0.1);
    expect(integratedLoudness(result)! - integratedLoudness(raw)!).toBeGreaterThan(1);
  });

  it('counts the blocks with speech and no others, where they are known', () => {
    const raw = measure(48_000, loudThenQuiet(0.5)).blocks();
    // A stage that lowers the words by 6 dB and takes out the rest.
    const result = measure(
      48_000,
      loudThenQuiet(0.001).map((samples) => samples.map((value) => value / 2)),
    ).blocks();
    const speech = Uint8Array.from(raw.blockPowers, (_, block) => (block * raw.stepSeconds < 3.5 ? 1 : 0));
    const { rawLufs, resultLufs, method } = matchedLoudness(raw, result, speech);
    expect(method).toBe('speech');
    expect(rawLufs! - resultLufs!).toBeCloseTo(20 * Math.log10(2), 3);
    const none = matchedLoudness(raw, result, new Uint8Array(speech.length));
    expect(none).toEqual({ rawLufs: null, resultLufs: null, method: 'speech' });
  });

  it('uses the whole ungated level below 3 s, also below 400 ms', () => {
    for (const frames of [1000, 48_000 * 2]) {
      const blocks = measure(48_000, [sine(frames, 997, 48_000, 0.1)]).blocks();
      const { rawLufs, method } = matchedLoudness(blocks, blocks);
      expect(method).toBe('ungated');
      expect(rawLufs).toBeCloseTo(lufs(blocks.meanPower), 12);
      expect(Math.abs(rawLufs! + 23.01)).toBeLessThan(0.5);
    }
  });

  it('is null where there is silence and still measures the other side', () => {
    const raw = measure(48_000, loudThenQuiet(1)).blocks();
    const silent = measure(48_000, [new Float32Array(48_000 * 8)]).blocks();
    expect(matchedLoudness(silent, silent)).toEqual({ rawLufs: null, resultLufs: null, method: 'gated' });
    expect(matchedLoudness(raw, silent).resultLufs).toBeNull();
    expect(matchedLoudness(raw, silent).rawLufs).toBeCloseTo(integratedLoudness(raw)!, 9);
    const nothing = measure(48_000, [new Float32Array(0)]).blocks();
    expect(matchedLoudness(nothing, nothing)).toEqual({ rawLufs: null, resultLufs: null, method: 'ungated' });
  });
});
