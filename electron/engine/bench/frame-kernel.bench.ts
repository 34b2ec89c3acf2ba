import { frameLayout } from '../dsp/frame-layout.js';
import { MagnitudeFrames } from '../dsp/magnitude-frames.js';
import { openRealFft } from '../dsp/open-real-fft.js';
import { frameCount } from '../dsp/planar.js';
import { transpose } from '../dsp/spectrum.js';
import type { FrameKernel } from '../frame-kernel/frame-kernel.js';
import { readOnnxInitialisers } from '../frame-kernel/onnx-initialisers.js';
import { openFrameKernel } from '../frame-kernel/open-frame-kernel.js';
import { throwIfAborted } from '../io/abort.js';
import { openReader } from '../io/reading/open-reader.js';
import type { ModelHost, ModelSession } from '../models/model-host.js';
import type { ManifestOf } from '../models/model-manifest.js';

/** What one level of the enhancer costs frame by frame. */
export interface FrameMeasure {
  readonly model: string;
  readonly level: string;
  readonly hasGates: boolean;
  /** multiply-accumulates of one frame in a net of the same size without gates */
  readonly denseMacs: number;
  /** over a recording of speech in noise */
  readonly recording: FrameCost;
  /** over digital silence */
  readonly silence: FrameCost;
  /** processor microseconds a frame in ONNX Runtime, which gets the recording in the file path's chunks of 6 s with their context */
  readonly onnxMicrosecondsPerFrame: number;
  /** the same for a run of one frame with its context, which is what ONNX Runtime would do where frames come one by one */
  readonly onnxMicrosecondsOneByOne: number;
  /** how many times as fast as ONNX Runtime in chunks the kernel is on the recording */
  readonly timesOnnx: number;
  /** how many times as fast as ONNX Runtime one by one */
  readonly timesOnnxOneByOne: number;
  /** how many times as fast as the first level without gates, in the same kernel on the recording; null without such a level */
  readonly timesDense: number | null;
}

/** Work of one frame. */
export interface FrameCost {
  /** processor time of the quickest round, which other programs disturbed least */
  readonly microsecondsPerFrame: number;
  readonly framesPerSecond: number;
  /** multiply-accumulates taken, those of the gates included, as a share of `denseMacs`; above 1 where hardly any gate is closed */
  readonly share: number;
}

/** How much is measured. */
export interface FrameBenchOptions {
  readonly models: ModelHost;
  /** a recording of speech */
  readonly recording: string;
  readonly signal?: AbortSignal;
  readonly rounds?: number;
  /** at most, from the recording's beginning */
  readonly frames?: number;
}

interface Candidate {
  readonly manifest: ManifestOf<'spectral-mask'>;
  readonly level: string;
  readonly kernel: FrameKernel;
  readonly session: ModelSession;
  recordingUs: number;
  silenceUs: number;
  onnxUs: number;
  onnxOneByOneUs: number;
  recordingShare: number;
  silenceShare: number;
}

/** Frames of one run in ONNX Runtime, as in the file path. */
const chunkFrames = 378;

/**
 * Measures every enhancer level whose weights the frame kernel can read, on the calling thread. Rounds go through all levels in
 * turn, so that a busy minute hits each alike.
 * @throws AppError what reading the recording and opening models throws
 */
export async function benchFrameKernel(options: FrameBenchOptions): Promise<FrameMeasure[]> {
  const { models, recording, signal, rounds = 9, frames = 1000 } = options;
  const candidates: Candidate[] = [];
  try {
    for (const manifest of models.list().filter((one) => one.runner === 'spectral-mask')) {
      const bins = manifest.fftSize / 2 + 1;
      const magnitudes = await readMagnitudes(manifest, recording, frames, signal);
      const silence = new Float32Array(magnitudes.length);
      const own = await openCandidates(models, manifest);
      candidates.push(...own);
      for (let round = 0; round < rounds; round++) {
        for (const candidate of own) {
          throwIfAborted(signal);
          await measureRound(candidate, magnitudes, silence, bins);
        }
      }
    }
    const dense = candidates.find(({ kernel }) => kernel.gateCount === 0);
    return candidates.map((candidate) => measureOf(candidate, dense));
  } finally {
    for (const { session } of candidates) session.release();
  }
}

async function openCandidates(
  models: ModelHost,
  manifest: ManifestOf<'spectral-mask'>,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const { id: level } of manifest.levels) {
    const onnx = await models.weightsOf(manifest.id, level);
    // Weights whose layers have no names run in ONNX Runtime alone.
    if (!readOnnxInitialisers(onnx).has('encoder.weight')) continue;
    candidates.push({
      ...{ manifest, level, kernel: openFrameKernel(onnx), session: await models.open(manifest.id, level) },
      ...{
        recordingUs: Infinity,
        silenceUs: Infinity,
        onnxUs: Infinity,
        onnxOneByOneUs: Infinity,
        recordingShare: 0,
        silenceShare: 0,
      },
    });
  }
  return candidates;
}

async function measureRound(
  candidate: Candidate,
  magnitudes: Float32Array,
  silence: Float32Array,
  bins: number,
): Promise<void> {
  const { kernel, session, manifest } = candidate;
  const frames = magnitudes.length / bins;
  const ofRecording = runKernel(kernel, magnitudes, frames);
  const ofSilence = runKernel(kernel, silence, frames);
  candidate.recordingUs = Math.min(candidate.recordingUs, ofRecording.microseconds / frames);
  candidate.silenceUs = Math.min(candidate.silenceUs, ofSilence.microseconds / frames);
  candidate.recordingShare = ofRecording.share;
  candidate.silenceShare = ofSilence.share;
  const { contextFrames } = manifest;
  const chunkUs = await runOnnx(session, magnitudes, Math.min(frames, contextFrames + chunkFrames), bins);
  candidate.onnxUs = Math.min(
    candidate.onnxUs,
    chunkUs / Math.max(1, Math.min(frames - contextFrames, chunkFrames)),
  );
  const singleUs = await runOnnx(session, magnitudes, Math.min(frames, contextFrames + 1), bins);
  candidate.onnxOneByOneUs = Math.min(candidate.onnxOneByOneUs, singleUs);
}

/** @returns microseconds of one run over the first `frames` frames */
async function runOnnx(
  session: ModelSession,
  magnitudes: Float32Array,
  frames: number,
  bins: number,
): Promise<number> {
  const { inputs, outputs } = session.manifest;
  const magnitude = { shape: [1, bins, frames], data: transpose(magnitudes, frames, bins) };
  const before = process.cpuUsage();
  await session.run({ [inputs[0]!.name]: magnitude }, [outputs[0]!.name]);
  return microsecondsSince(before);
}

function runKernel(
  kernel: FrameKernel,
  magnitudes: Float32Array,
  frames: number,
): { microseconds: number; share: number } {
  kernel.reset();
  let macs = 0;
  const before = process.cpuUsage();
  for (let t = 0; t < frames; t++)
    macs += kernel.process(magnitudes.subarray(t * kernel.bins, (t + 1) * kernel.bins));
  return { microseconds: microsecondsSince(before), share: macs / frames / kernel.denseMacs };
}

/** @returns what the model sees of the recording's beginning, [frames][bins] */
async function readMagnitudes(
  model: ManifestOf<'spectral-mask'>,
  recording: string,
  frames: number,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const bins = model.fftSize / 2 + 1;
  const magnitudes = new Float32Array(frames * bins);
  let taken = 0;
  const reader = await openReader(recording, { precision: 'float32', signal });
  const { sampleRateHz, channels } = reader.facts;
  const layout = frameLayout(model, sampleRateHz);
  const fft = await openRealFft(layout.fftSize);
  try {
    const analysis = new MagnitudeFrames(fft, layout, channels);
    const spectra = Array.from({ length: channels }, () => new Float32Array(layout.fftSize + 2));
    for await (const block of reader.blocks(16_384)) {
      for (let at = 0; at < frameCount(block) && taken < frames;) {
        at += analysis.feed(block, at);
        if (!analysis.ready) continue;
        analysis.take(spectra, 0, magnitudes.subarray(taken * bins, (taken + 1) * bins));
        taken++;
      }
      if (taken === frames) break;
    }
    return magnitudes.subarray(0, taken * bins);
  } finally {
    reader.close();
    fft.close();
  }
}

function measureOf(candidate: Candidate, dense: Candidate | undefined): FrameMeasure {
  const { manifest, level, kernel, recordingUs, silenceUs, onnxUs, onnxOneByOneUs } = candidate;
  return {
    model: manifest.id,
    level,
    hasGates: kernel.gateCount > 0,
    denseMacs: kernel.denseMacs,
    recording: costOf(recordingUs, candidate.recordingShare),
    silence: costOf(silenceUs, candidate.silenceShare),
    onnxMicrosecondsPerFrame: onnxUs,
    onnxMicrosecondsOneByOne: onnxOneByOneUs,
    timesOnnx: onnxUs / recordingUs,
    timesOnnxOneByOne: onnxOneByOneUs / recordingUs,
    timesDense: dense ? dense.recordingUs / recordingUs : null,
  };
}

function costOf(microsecondsPerFrame: number, share: number): FrameCost {
  return { microsecondsPerFrame, framesPerSecond: 1e6 / microsecondsPerFrame, share };
}

function microsecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
