import type { ChainSettings } from '../../contract/chain.js';
import { LoudnessMeter } from '../dsp/loudness.js';
import { MelFrames } from '../dsp/mel-frames.js';
import { PeakBins } from '../dsp/peaks.js';
import { PitchTracker } from '../dsp/pitch-tracker.js';
import { filterBins } from '../dsp/source-filter.js';
import { VoiceSound } from '../voice/voice-sound.js';
import type { Planar } from '../dsp/planar.js';
import { openRealFft } from '../dsp/open-real-fft.js';
import { StftAnalyser, StftSynthesiser } from '../dsp/stft.js';
import type { ModelHost } from '../models/model-host.js';
import { openChain } from '../processors/chain.js';
import { frameLayout } from '../dsp/frame-layout.js';

/** One measured part of the engine. */
export interface SignalMeasure {
  /** what was measured: stft, loudness, peaks, enhance ... */
  readonly part: string;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** wall milliseconds per second of audio, all channels together; the median of several rounds */
  readonly msPerSecond: number;
  /** processor milliseconds of all threads per second of audio, from the same rounds: what a busy machine does not distort */
  readonly cpuMsPerSecond: number;
  /** seconds of audio per wall second */
  readonly realTimeFactor: number;
}

/** How much is measured; the defaults take about ten seconds. */
export interface SignalBenchOptions {
  readonly sampleRateHz?: number;
  readonly channels?: number;
  /** audio of one round */
  readonly seconds?: number;
  readonly rounds?: number;
  readonly models?: ModelHost;
}

const blockFrames = 16_384;

/** For stages that ask for no model: one that asks all the same fails loudly. */
const noModels: ModelHost = new Proxy({} as ModelHost, {
  get: (_target, name) => {
    throw new Error(`Expected a stage without a model; it asks for ${String(name)}.`);
  },
});

/**
 * Measures the arithmetic of one job part by part on the calling thread, on noise: STFT there and back, loudness, peaks, the F0
 * tracker, the voice front end, the source-filter (mono whatever the channels), the disguise stage, and, where a model host is given, the whole enhance stage in wall time (its model
 * computes on another thread meanwhile).
 */
export async function benchSignal(options: SignalBenchOptions = {}): Promise<SignalMeasure[]> {
  const { sampleRateHz = 48_000, channels = 2, seconds = 20, rounds = 5, models } = options;
  const blocks = noiseBlocks(sampleRateHz * seconds, channels);
  const parts: [part: string, run: () => void | Promise<void>][] = [
    ['stft', await stftRound(sampleRateHz, channels, blocks)],
    ['loudness', () => pushAll(new LoudnessMeter(sampleRateHz, channels), blocks)],
    ['peaks', () => pushAll(new PeakBins(channels, Math.round(sampleRateHz / 100)), blocks)],
  ];
  const stage = { sampleRateHz, channels, blocks };
  parts.push(
    ['pitch', () => frontEndRound(PitchTracker.open(sampleRateHz, channels), blocks)],
    ['mel', () => frontEndRound(MelFrames.open(sampleRateHz, channels), blocks)],
    ['source-filter', () => sourceFilterRound(sampleRateHz, seconds)],
    ['disguise', () => stageRound(noModels, { disguise: { strength: 1, alpha: 0.7 } }, stage)],
  );
  const enhance = { enhance: { strength: 1, level: 'fp32' } };
  if (models) parts.push(['enhance', () => stageRound(models, enhance, stage)]);
  const measures: SignalMeasure[] = [];
  for (const [part, run] of parts) {
    const { wallMs, cpuMs } = await medianRound(run, rounds);
    measures.push({
      part,
      sampleRateHz,
      channels,
      msPerSecond: wallMs / seconds,
      cpuMsPerSecond: cpuMs / seconds,
      realTimeFactor: (1000 * seconds) / wallMs,
    });
  }
  return measures;
}

/** @returns a round of analysis and synthesis at 32 ms frames, without a mask */
async function stftRound(sampleRateHz: number, channels: number, blocks: Planar[]): Promise<() => void> {
  const fft = await openRealFft(frameLayout({ fftSize: 512, sampleRateHz: 16_000 }, sampleRateHz).fftSize);
  const spectrum = new Float32Array(fft.size + 2);
  const samples = new Float32Array(fft.size / 2);
  return () => {
    for (let channel = 0; channel < channels; channel++) {
      const analyser = new StftAnalyser(fft);
      const synthesiser = new StftSynthesiser(fft);
      for (const block of blocks) {
        for (let at = 0; at < blockFrames;) {
          const end = Math.min(blockFrames, at + analyser.missingSamples);
          analyser.feed(block[channel]!.subarray(at, end));
          at = end;
          if (analyser.missingSamples > 0) continue;
          analyser.takeFrame(spectrum);
          synthesiser.putFrame(spectrum, samples);
        }
      }
    }
  };
}

/** One stage over all blocks, opened and closed within the round. */
async function stageRound(
  models: ModelHost,
  chain: ChainSettings,
  { sampleRateHz, channels, blocks }: { sampleRateHz: number; channels: number; blocks: Planar[] },
): Promise<void> {
  const context = { models, signal: new AbortController().signal };
  const [processor] = await openChain({ sampleRateHz, channels }, chain, context);
  try {
    for (const block of blocks) await processor?.process(block);
    await processor?.flush();
  } finally {
    processor?.close();
  }
}

/** A tracker or a front end over all blocks; what it finds is not looked at. */
async function frontEndRound<Sink>(
  opening: Promise<{
    push(block: Planar, sink: Sink): void;
    finish(sink: Sink): void;
    close(): void;
  }>,
  blocks: Planar[],
): Promise<void> {
  const frontEnd = await opening;
  const ignore = (() => undefined) as Sink;
  try {
    for (const block of blocks) frontEnd.push(block, ignore);
    frontEnd.finish(ignore);
  } finally {
    frontEnd.close();
  }
}

/** A voice that never pauses, which costs the most; at a rate without whole frames the interpolation is in it. */
async function sourceFilterRound(sampleRateHz: number, seconds: number): Promise<void> {
  const sound = await VoiceSound.open(sampleRateHz, 1);
  const filters = new Float32Array(3 * filterBins);
  try {
    const frames = sound.framesFor(seconds * sampleRateHz);
    for (let t = 0; t < frames; t++) sound.push(150, filters);
    sound.finish(seconds * sampleRateHz);
  } finally {
    sound.close();
  }
}

function pushAll(meter: { push(block: Planar): unknown }, blocks: Planar[]): void {
  for (const block of blocks) meter.push(block);
}

/** The first round only warms up caches and the compiler. */
async function medianRound(
  run: () => void | Promise<void>,
  rounds: number,
): Promise<{ wallMs: number; cpuMs: number }> {
  await run();
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const busy = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(busy);
    wall.push(performance.now() - start);
    cpu.push((user + system) / 1000);
  }
  return { wallMs: median(wall), cpuMs: median(cpu) };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Noise is the worst case for no part and the same for all; [blocks][channels][blockFrames]. */
function noiseBlocks(frames: number, channels: number): Planar[] {
  return Array.from({ length: Math.ceil(frames / blockFrames) }, () =>
    Array.from({ length: channels }, () =>
      Float32Array.from({ length: blockFrames }, () => Math.random() - 0.5),
    ),
  );
}
