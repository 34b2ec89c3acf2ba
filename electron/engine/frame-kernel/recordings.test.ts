import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { frameLayout } from '../dsp/frame-layout.js';
import { MagnitudeFrames } from '../dsp/magnitude-frames.js';
import { openRealFft } from '../dsp/open-real-fft.js';
import { concatenated, frameCount, silence, type Planar } from '../dsp/planar.js';
import { openReader } from '../io/reading/open-reader.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { fakeManifest } from '../models/model-host.fake.js';
import { openSpectralMask } from '../processors/enhance/spectral-mask.js';
import { openFrameEnhancer } from './frame-enhancer.js';
import { readOnnxInitialisers } from './onnx-initialisers.js';
import { openOnnx, runOnnx } from './onnx-run.fake.js';
import { openFrameKernel } from './open-frame-kernel.js';
import { tinyNet } from './tiny-net.fake.js';

/** What the issue asks for, of masks in 0..1 and of samples at full scale 1. */
const tolerance = 1e-4;
/** A gate whose logit is nearer to 0 than two orders of summation are to each other may fall either way. */
const undecidedLogit = 1e-4;
const bins = 257;
const dilations = [1, 2, 4];

const demoFolder = join(import.meta.dirname, '../../../assets/demo');
const recordings = readdirSync(demoFolder).filter((name) => /\.(wav|flac|mp3)$/.test(name));

async function decode(name: string): Promise<{ sampleRateHz: number; samples: Planar }> {
  const reader = await openReader(join(demoFolder, name), { precision: 'float32' });
  const blocks: Planar[] = [];
  for await (const block of reader.blocks(65_536)) blocks.push(block.map((channel) => channel.slice()));
  return { sampleRateHz: reader.facts.sampleRateHz, samples: concatenated(blocks, reader.facts.channels) };
}

/** @returns what the net sees of a recording, [frames][bins] */
async function magnitudesOf(name: string): Promise<Float32Array> {
  const { sampleRateHz, samples } = await decode(name);
  const layout = frameLayout({ fftSize: 512, sampleRateHz: 16_000 }, sampleRateHz);
  const frames = new MagnitudeFrames(await openRealFft(layout.fftSize), layout, samples.length);
  const spectra = samples.map(() => new Float32Array(layout.fftSize + 2));
  const rows: Float32Array[] = [];
  for (let at = 0; at < frameCount(samples);) {
    at += frames.feed(samples, at);
    if (!frames.ready) break;
    const row = new Float32Array(bins);
    frames.take(spectra, 0, row);
    rows.push(row);
  }
  return concatenated(
    rows.map((row) => [row]),
    1,
  )[0]!;
}

/** Frame by frame in the kernel: mask [frames][bins], gates [frames][gateCount]. */
function runKernel(onnx: Uint8Array, magnitudes: Float32Array): { mask: Float32Array; gates: Uint8Array } {
  const kernel = openFrameKernel(onnx);
  const frames = magnitudes.length / bins;
  const mask = new Float32Array(magnitudes.length);
  const gates = new Uint8Array(frames * kernel.gateCount);
  for (let t = 0; t < frames; t++) {
    kernel.process(magnitudes.subarray(t * bins, (t + 1) * bins));
    mask.set(kernel.mask, t * bins);
    gates.set(kernel.gates, t * kernel.gateCount);
  }
  return { mask, gates };
}

/** Hop by hop, aligned with the recording by one hop more at the end. */
function enhanceLive(onnx: Uint8Array, sampleRateHz: number, samples: Planar): Planar {
  const channels = samples.length;
  const enhancer = openFrameEnhancer({ onnx, sampleRateHz, channels });
  const hop = enhancer.hopSamples;
  const hops = Math.ceil(frameCount(samples) / hop) + 1;
  const padded = silence(channels, hops * hop);
  padded.forEach((channel, i) => channel.set(samples[i]!));
  for (let t = 0; t < hops; t++) {
    const block = padded.map((channel) => channel.subarray(t * hop, (t + 1) * hop));
    enhancer.processHop(block, block);
  }
  return padded.map((channel) => channel.subarray(hop, hop + frameCount(samples)));
}

/** The file path: chunks in ONNX Runtime, FFT in PFFFT. */
async function enhanceFile(onnx: Uint8Array, sampleRateHz: number, samples: Planar): Promise<Planar> {
  const session = await openOnnx(onnx);
  const processor = await openSpectralMask(
    { sampleRateHz, channels: samples.length },
    {
      ...{ manifest: fakeManifest, level: 'fp32', sha256: '' },
      run: (inputs) => session.run(inputs, ['mask']),
      release: () => void session.release(),
    },
    new AbortController().signal,
  );
  const parts = [await processor.process(samples), await processor.flush()];
  processor.close();
  return concatenated(parts, samples.length);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

describe.each(recordings)('on the whole of %s', (name) => {
  it.each([
    ['dense', tinyNet({ gateWidth: 0, channels: 24, hidden: 64, dilations })],
    ['static, narrow', tinyNet({ gateWidth: 0, channels: 24, hidden: 20, dilations })],
  ])('the mask of a %s net is that of ONNX Runtime', async (_, onnx) => {
    const magnitudes = await magnitudesOf(name);
    const expected = await runOnnx(onnx, magnitudes, bins);
    expect(largestDifference(runKernel(onnx, magnitudes).mask, expected.mask)).toBeLessThan(tolerance);
  });

  it('gates differ from those of ONNX Runtime only where their logit is as good as 0', async () => {
    const onnx = tinyNet({ channels: 24, hidden: 64, dilations, gateBias: -0.2 });
    const magnitudes = await magnitudesOf(name);
    const expected = await runOnnx(onnx, magnitudes, bins);
    const found = runKernel(onnx, magnitudes);
    const count = openFrameKernel(onnx).gateCount;
    const contextFrames = 2 * (1 + 2 + 4);
    let lastDifferent = -Infinity;
    let open = 0;
    let flipped = 0;
    for (let t = 0; t < magnitudes.length / bins; t++) {
      let isFirst = true;
      for (let bit = 0; bit < count; bit++) {
        const at = t * count + bit;
        open += found.gates[at]!;
        if (found.gates[at] === expected.gates[at]) continue;
        flipped++;
        // What follows a flipped gate, in later blocks and in the frames that look back, is another sum.
        if (isFirst && t - lastDifferent > contextFrames)
          expect(Math.abs(expected.logits[at]!), `bit ${bit} of frame ${t}`).toBeLessThan(undecidedLogit);
        isFirst = false;
      }
      if (!isFirst) lastDifferent = t;
    }
    expect(open / found.gates.length).toBeGreaterThan(0.1);
    expect(open / found.gates.length).toBeLessThan(0.9);
    expect(flipped / found.gates.length).toBeLessThan(1e-4);
  });

  it.each([
    ['dense', tinyNet({ gateWidth: 0, channels: 24, hidden: 64, dilations })],
    ['gated', tinyNet({ channels: 24, hidden: 64, dilations, gateBias: -0.2 })],
  ])('the sound enhanced hop by hop by a %s net is that of the file path', async (_, onnx) => {
    const { sampleRateHz, samples } = await decode(name);
    const expected = await enhanceFile(onnx, sampleRateHz, samples);
    enhanceLive(onnx, sampleRateHz, samples).forEach((channel, i) => {
      expect(largestDifference(channel, expected[i]!)).toBeLessThan(tolerance);
    });
  });
});

describe('a shipped enhancer', () => {
  const models = new DirectModelHost();
  afterAll(() => models.close());
  const levels = models
    .list()
    .filter(({ stage }) => stage === 'enhance')
    .flatMap((manifest) => manifest.levels.map((level) => [manifest.id, level.id] as const));

  it.each(levels)(
    '%s at %s sounds the same hop by hop as in the file path',
    { timeout: 60_000 },
    async (id, level) => {
      const onnx = await models.weightsOf(id, level);
      if (!readOnnxInitialisers(onnx).has('encoder.weight')) {
        // An export that did not keep the names: nobody can tell its layers apart, and the error says so.
        expect(() => openFrameKernel(onnx)).toThrow(/"encoder\.weight", found none/);
        return;
      }
      const { sampleRateHz, samples } = await decode(recordings[0]!);
      const expected = await enhanceFile(onnx, sampleRateHz, samples);
      enhanceLive(onnx, sampleRateHz, samples).forEach((channel, i) => {
        expect(largestDifference(channel, expected[i]!)).toBeLessThan(tolerance);
      });
    },
  );
});
