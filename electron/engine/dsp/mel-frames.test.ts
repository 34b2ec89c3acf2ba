import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { voiceFrameCount } from './centred-frames.js';
import { MelFrames, melFftSize } from './mel-frames.js';
import { whiteNoise } from './noise.fake.js';
import type { Planar } from './planar.js';
import { RunningMelMean } from './running-mel-mean.js';

/** Written by the training code, `native-models/voice-codes/front_end_golden.py`. */
const folder = join(import.meta.dirname, '..', '..', '..', 'native-models', 'voice-codes', 'golden');
interface Golden {
  readonly cases: readonly {
    readonly sampleRateHz: number;
    readonly samples: number;
    readonly sound: string;
    readonly shape: readonly [frames: number, bands: number];
    readonly logMel: string;
    readonly runningNormalised?: string;
  }[];
  readonly maxAbsoluteError: number;
}
const golden = JSON.parse(readFileSync(join(folder, 'front-end.json'), 'utf8')) as Golden;

function floatsOf(file: string): Float32Array {
  const bytes = readFileSync(join(folder, file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function waveOf(file: string, samples: number): Float32Array {
  const bytes = readFileSync(join(folder, file));
  const data = bytes.indexOf('data') + 8;
  return Float32Array.from({ length: samples }, (_, n) => bytes.readInt16LE(data + 2 * n) / 32_768);
}

/** Log mel of everything, [frames * 80]. @param sizes  how the stream is cut, in turn */
async function logMel(planar: Planar, sampleRateHz: number, sizes: readonly number[]): Promise<Float32Array> {
  const frames = await MelFrames.open(sampleRateHz, planar.length);
  const rows: number[] = [];
  const sink = (row: Float64Array): void => {
    rows.push(...row);
  };
  const length = planar[0]!.length;
  for (let at = 0, turn = 0; at < length; turn++) {
    const end = Math.min(length, at + sizes[turn % sizes.length]!);
    frames.push(
      planar.map((samples) => samples.subarray(at, end)),
      sink,
    );
    at = end;
  }
  frames.finish(sink);
  frames.close();
  return Float32Array.from(rows);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((worst, value, n) => Math.max(worst, Math.abs(value - b[n]!)), 0);
}

describe('the voice front end', () => {
  it.each(golden.cases.map((each) => [each.sampleRateHz, each] as const))(
    'at %i Hz gives what the training code gives',
    async (sampleRateHz, { sound, samples, shape, logMel: file, runningNormalised }) => {
      const wave = waveOf(sound, samples);
      const rows = await logMel([wave], sampleRateHz, [4096]);
      expect(rows).toHaveLength(shape[0] * 80);
      expect(largestDifference(rows, floatsOf(file))).toBeLessThan(golden.maxAbsoluteError);
      if (runningNormalised === undefined) return;
      const mean = new RunningMelMean();
      const normalised: number[] = [];
      const sink = (row: Float64Array): void => {
        normalised.push(...row);
      };
      for (let at = 0; at < rows.length; at += 80)
        mean.push(Float64Array.from(rows.subarray(at, at + 80)), sink);
      mean.finish(sink);
      const expected = floatsOf(runningNormalised);
      expect(largestDifference(Float32Array.from(normalised), expected)).toBeLessThan(
        golden.maxAbsoluteError,
      );
    },
  );

  it('does not care how the stream is cut', async () => {
    const noise = [whiteNoise(30_001, 4, 0.3)];
    const whole = await logMel(noise, 44_100, [30_001]);
    expect(await logMel(noise, 44_100, [1, 440, 441, 442, 7000])).toEqual(whole);
    expect(whole).toHaveLength(voiceFrameCount(30_001, 44_100) * 80);
  });

  it('hears several channels by their mean power, also where their sum is silence', async () => {
    const noise = whiteNoise(16_000, 4, 0.3);
    const alone = await logMel([noise], 16_000, [4096]);
    const opposed = await logMel([noise, noise.map((value) => -value)], 16_000, [4096]);
    expect(largestDifference(opposed, alone)).toBeLessThan(golden.maxAbsoluteError);
  });

  it('has at least four frames, and only the floor for silence and for bands that a rate lacks', async () => {
    const silent = await logMel([new Float32Array(0)], 48_000, [1]);
    expect(silent).toHaveLength(4 * 80);
    expect(silent.every((value) => value === Math.fround(Math.log(1e-13)))).toBe(true);
    const narrow = await logMel([whiteNoise(8000, 4)], 8000, [8000]);
    expect(narrow[10 * 80 + 79]).toBe(Math.fround(Math.log(1e-13)));
    expect(narrow[10 * 80 + 20]).toBeGreaterThan(-20);
  });

  it('has bins of at most 12 Hz, and refuses a rate below 8 kHz', async () => {
    expect([8000, 16_000, 44_100, 48_000, 96_000].map(melFftSize)).toEqual([1024, 2048, 4096, 4096, 8192]);
    await expect(MelFrames.open(7999, 1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
