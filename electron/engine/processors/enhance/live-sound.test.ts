import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { concatenated } from '../../dsp/planar.js';
import type { Planar } from '../../dsp/planar.js';
import { openFrameEnhancer } from '../../frame-kernel/frame-enhancer.js';
import { DirectModelHost } from '../../models/direct-model-host.js';
import { modelsRoot } from '../../models/manifests.js';
import { openSpectralMask } from './spectral-mask.js';
import { runUpSeconds } from '../../../../renderer/src/player/live-ahead.js';
import {
  atUnity,
  blockFrames,
  MixerBench,
  straight,
} from '../../../../renderer/src/player/mixer-bench.fake.js';
import { fadeSeconds } from '../../../../renderer/src/player/mixer-core.js';

/** Kernel and ONNX Runtime add up in another order; a step of 16 bits is 3e-5. */
const tolerance = 1e-4;

const root = modelsRoot();
const host = new DirectModelHost(root);
const manifest = host.list().find(({ stage }) => stage === 'enhance')!;

afterAll(() => host.close());

/** The golden recording: 2.5 s of real speech in real noise, 16 kHz. */
function speech(): Float32Array {
  const bytes = readFileSync(join(root, manifest.id, 'golden', 'noisy.wav'));
  const data = bytes.indexOf('data') + 8;
  const samples = bytes.readUInt32LE(data - 4) / 2;
  return Float32Array.from({ length: samples }, (_, n) => bytes.readInt16LE(data + 2 * n) / 32_768);
}

/** The speech on a finer grid of samples, one channel quieter and late: what is new in it lies above the band of the net. */
function stereoSpeech(sampleRateHz: number): Planar {
  const source = speech();
  const frames = Math.floor((source.length - 2) * (sampleRateHz / 16_000));
  const at = (frame: number) => {
    const place = Math.max(0, frame) * (16_000 / sampleRateHz);
    const n = Math.floor(place);
    return source[n]! + (place - n) * (source[n + 1]! - source[n]!);
  };
  return [
    Float32Array.from({ length: frames }, (_, i) => at(i)),
    Float32Array.from({ length: frames }, (_, i) => 0.6 * at(i - 20)),
  ];
}

async function fileResult(level: string, sampleRateHz: number, recording: Planar): Promise<Planar> {
  const format = { sampleRateHz, channels: recording.length };
  const session = await host.open(manifest.id, level);
  const processor = await openSpectralMask(format, session, new AbortController().signal);
  const parts = [await processor.process(recording), await processor.flush()];
  processor.close();
  return concatenated(parts, recording.length);
}

/** Plays live from a sample frame. @returns what is heard from that frame on, [2][frames] */
async function heardLive(
  level: string,
  sampleRateHz: number,
  recording: Planar,
  startFrame: number,
): Promise<Planar> {
  const file = manifest.levels.find(({ id }) => id === level)!.file;
  const onnx = new Uint8Array(readFileSync(join(root, manifest.id, file)));
  const channels = recording.length;
  const length = recording[0]!.length;
  const enhancer = openFrameEnhancer({ onnx, sampleRateHz, channels });
  const bench = new MixerBench(
    {
      channels,
      readResult: null,
      readRaw: async (start, frames) =>
        Float32Array.from(
          { length: frames * channels },
          (_, i) => recording[i % channels]![start + Math.floor(i / channels)]!,
        ),
    },
    { ...atUnity, live: 1 },
    { enhancer, sampleRateHz, length },
  );
  bench.control.liveSession = 1;
  await bench.play({ ...straight, startFrame });
  let before = bench.control.position;
  while (bench.control.position === before) await bench.run(blockFrames);
  const begin = bench.left.length - (bench.control.position - startFrame);
  before = length - startFrame;
  await bench.run(before + 2 * blockFrames);
  return [bench.left, bench.right].map((ear) => Float32Array.from(ear.slice(begin, begin + before)));
}

function largestDifference(a: Float32Array, b: Float32Array, from: number): number {
  expect(a).toHaveLength(b.length);
  let worst = 0;
  for (let n = from; n < a.length; n++) worst = Math.max(worst, Math.abs(a[n]! - b[n]!));
  return worst;
}

describe.each(manifest.levels.map(({ id }) => id))('live sound at level %s', (level) => {
  it('is the result of the file path from the first sample frame to the last', async () => {
    const recording = [speech()];
    const [file] = await fileResult(level, 16_000, recording);
    const [left, right] = await heardLive(level, 16_000, recording, 0);
    expect(largestDifference(left!, file!, 0)).toBeLessThan(tolerance);
    expect(largestDifference(right!, file!, 0)).toBeLessThan(tolerance);
    // The comparison means something only if the net does something.
    expect(largestDifference(left!, recording[0]!, 0)).toBeGreaterThan(0.01);
  });

  it.each([44_100, 48_000])(
    'is the result at %i Hz in stereo, above the band of the net too',
    async (rate) => {
      const recording = stereoSpeech(rate);
      const file = await fileResult(level, rate, recording);
      const live = await heardLive(level, rate, recording, 0);
      expect(largestDifference(live[0]!, file[0]!, 0)).toBeLessThan(tolerance);
      expect(largestDifference(live[1]!, file[1]!, 0)).toBeLessThan(tolerance);
    },
  );

  it('is the result behind a place sought, once it has faded in', async () => {
    const rate = 48_000;
    const startFrame = Math.round(1.2 * rate) + 13;
    expect(startFrame).toBeGreaterThan(runUpSeconds * rate);
    const recording = stereoSpeech(rate);
    const file = await fileResult(level, rate, recording);
    const live = await heardLive(level, rate, recording, startFrame);
    const fade = Math.round(fadeSeconds * rate) + blockFrames;
    expect(largestDifference(live[0]!, file[0]!.subarray(startFrame), fade)).toBeLessThan(tolerance);
    expect(largestDifference(live[1]!, file[1]!.subarray(startFrame), fade)).toBeLessThan(tolerance);
  });
});
