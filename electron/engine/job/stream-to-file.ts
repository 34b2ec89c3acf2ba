import { AppError } from '../../contract/app-error.js';
import type { Finding } from '../../contract/audio-format.js';
import { changesVoice } from '../../contract/chain.js';
import type { Playback } from '../../contract/media.js';
import type { LanesSummary } from '../../contract/lanes.js';
import type { FileReport, StageReport } from '../../contract/report.js';
import { summarise } from '../analysis/lane-summary.js';
import { frameCount, type Planar, type PlanarSamples } from '../dsp/planar.js';
import type { AudioWriter } from '../io/audio-writer.js';
import { openWriter } from '../io/open-writer.js';
import type { ConcreteFormat } from '../io/output-format.js';
import { openReader, type FileReader } from '../io/reading/open-reader.js';
import { exactPrecision, type ProbedInput } from '../io/reading/probe.js';
import type { ModelHost, ModelIdentity } from '../models/model-host.js';
import { activeStages, openChain } from '../processors/chain.js';
import type { Processor } from '../processors/processor.js';
import { decodedBlocks, processedBlocks, type StreamWatch } from './block-stream.js';
import type { BusyClock } from './busy-clock.js';
import { LevelTaps } from './level-taps.js';
import { ProgressMeter } from './progress-meter.js';
import { RawLanes } from './raw-lanes.js';
import { ResultPlayback } from './result-playback.js';
import type { JobRequest } from './job-request.js';
import { timedModels } from './timed-models.js';
import { VoiceComparison } from './voice-comparison.js';

/** A job whose input was probed and whose output format is settled. */
export interface StreamRequest extends JobRequest {
  readonly probed: ProbedInput;
  readonly format: ConcreteFormat;
  /** awaited before the result is proven and gets its name: what may still fail must fail while nothing is there */
  readonly beforeName: Promise<unknown>;
}

/** What was streamed, as the report will say it. */
export interface Streamed extends Pick<
  FileReport,
  'stages' | 'loudness' | 'lanes' | 'voiceSimilarity' | 'clippedSamples' | 'proof' | 'outputSha256'
> {
  /** decoded, processed and given to the writer: the same count */
  readonly sampleFrames: number;
  readonly warnings: Finding[];
  readonly playback: Playback | null;
}

/** Everything a running job has open; closed together. */
interface OpenJob {
  readonly reader: FileReader<PlanarSamples>;
  readonly processors: readonly Processor[];
  readonly writer: AudioWriter;
  readonly playback: ResultPlayback;
  readonly lanes: RawLanes;
  readonly voices: VoiceComparison;
}

/**
 * Streams one recording through its chain into a new, proven file. Decoder, chain, model and encoder work at the same time,
 * a few blocks apart, so memory does not depend on length.
 * @throws AppError of whatever failed; nothing is then left behind
 */
export async function streamToFile(
  request: StreamRequest,
  models: ModelHost,
  clock: BusyClock,
): Promise<Streamed> {
  const { settings, signal, probed } = request;
  const { sampleRateHz, channels } = probed.facts;
  const context = { models: timedModels(models, clock), signal };
  const stages = activeStages(settings.chain);
  const processors = await openChain({ sampleRateHz, channels }, settings.chain, context);
  const taps = new LevelTaps(sampleRateHz, channels, processors.length > 0);
  let job: OpenJob | null = null;
  try {
    job = await openJob(request, processors, models);
    const sampleFrames = await pump(job, taps, request, { clock, signal });
    await request.beforeName;
    // Before the result gets its name: what may still fail must fail while nothing is there.
    const { summary, loudness } = await measured(job.lanes, taps);
    const { writer, voices } = job;
    const similarity = voices.active ? await clock.time('similarity', () => voices.finish(summary)) : null;
    const { proof, sha256 } = await clock.time('prove', () => writer.finish());
    const playback = await job.playback.finish();
    return {
      sampleFrames,
      stages: processors.map((processor, index) => ({
        stage: stages[index]?.stage ?? '',
        ...reportedModels(processor),
        strength: stages[index]?.settings.strength ?? 0,
      })),
      loudness,
      ...(summary === null ? {} : { lanes: summary }),
      ...(similarity === null ? {} : { voiceSimilarity: similarity }),
      clippedSamples: writer.clippedSamples,
      proof,
      outputSha256: sha256,
      warnings: [
        ...processors.flatMap(({ findings = [], countedFindings = [] }) => [...findings, ...countedFindings]),
        ...[...job.reader.findings, ...job.playback.findings, ...job.lanes.findings, ...voices.findings],
      ],
      playback,
    };
  } finally {
    job?.reader.close();
    job?.voices.close();
    await job?.lanes.close();
    for (const processor of processors) processor.close();
    // Both do nothing after a good end.
    await job?.writer.abort();
    await job?.playback.abort();
  }
}

function reportedModels({ models: [first, ...further] }: Processor): Omit<StageReport, 'stage' | 'strength'> {
  const named = ({ id: model, level, sha256 }: ModelIdentity) => ({ model, level, sha256 });
  if (first === undefined) return { model: null, level: null, sha256: null };
  return { ...named(first), ...(further.length > 0 && { furtherModels: further.map(named) }) };
}

/** What passed says where speech is, and so over which blocks raw and result are to be compared. */
async function measured(
  raw: RawLanes,
  taps: LevelTaps,
): Promise<{ summary: LanesSummary | null; loudness: ReturnType<LevelTaps['report']> }> {
  const lanes = await raw.finish();
  if (lanes === null) return { summary: null, loudness: taps.report() };
  const summary = summarise(lanes);
  return { summary, loudness: taps.report({ lanes, speechSeconds: summary.speechSeconds }) };
}

async function openJob(
  request: StreamRequest,
  processors: readonly Processor[],
  models: ModelHost,
): Promise<OpenJob> {
  const { probed, format, signal } = request;
  const changes = processors.length > 0;
  const floats = format === 'wav32f' || format === 'wav64f';
  const reader = await openReader(probed, {
    // Stages compute in float32; without one, every sample must arrive exactly.
    precision: changes ? 'float32' : exactPrecision(probed.facts),
    // Stages and integer formats need numbers; a float file passes through as it is.
    replaceNonFinite: changes || !floats,
    signal,
  });
  const expectedSampleFrames = reader.estimatedSampleFrames;
  const { sampleRateHz, channels } = probed.facts;
  const stream = { sampleRateHz, channels };
  const compared = changesVoice(request.settings.chain);
  const playback = await ResultPlayback.open(
    request.cacheFolder,
    { ...stream, expectedSampleFrames },
    compared,
  );
  try {
    const writer = await openWriter({
      path: request.output,
      overwrite: request.overwrite,
      format,
      stream,
      expectedSampleFrames,
      dither: changes,
      signal,
    });
    const lanes = await RawLanes.open(changes ? stream : null, models);
    const voices = await VoiceComparison.open(
      compared ? { ...stream, expectedSampleFrames } : null,
      models,
      signal,
    );
    return { reader, processors, writer, playback, lanes, voices };
  } catch (error) {
    await playback.abort();
    throw error;
  }
}

/** @returns sample frames that went in and came out */
async function pump(
  job: OpenJob,
  taps: LevelTaps,
  request: StreamRequest,
  watch: StreamWatch,
): Promise<number> {
  const { clock } = watch;
  const { sampleRateHz } = job.reader.facts;
  const meter = new ProgressMeter(
    'process',
    sampleRateHz,
    job.reader.estimatedSampleFrames,
    request.onProgress,
  );
  let decodedFrames = 0;
  let writtenFrames = 0;
  const raw = tapped(decodedBlocks(job.reader, watch), async (block) => {
    decodedFrames += frameCount(block);
    clock.timeNow('measure', () => taps.pushRaw(block));
    // Lanes and pitch are measured where a stage runs, and for a stage the reader was opened for float32.
    if (job.processors.length > 0) await clock.time('measure', () => job.playback.pushRaw(block as Planar));
    if (job.voices.active) await clock.time('similarity', () => job.voices.pushRaw(block as Planar));
    if (job.lanes.active) await job.lanes.push(block as Planar, (work) => clock.time('lanes', work));
  });
  for await (const block of throughChain(raw, job.processors, watch)) {
    clock.timeNow('measure', () => taps.pushResult(block));
    await clock.time('measure', () => job.playback.pushResult(block));
    if (job.voices.active) await clock.time('similarity', () => job.voices.pushResult(block as Planar));
    await clock.time('write', () => Promise.all([job.writer.write(block), job.playback.write(block)]));
    writtenFrames += frameCount(block);
    meter.advance(frameCount(block));
  }
  if (decodedFrames !== writtenFrames) {
    const message = `Expected ${decodedFrames} sample frames in the result, found ${writtenFrames}. Please report this.`;
    throw new AppError('INTERNAL', message);
  }
  request.onProgress({
    phase: 'prove',
    fraction: null,
    processedSeconds: writtenFrames / sampleRateHz,
    etaSeconds: null,
    realTimeFactor: null,
  });
  return writtenFrames;
}

async function* tapped<Block extends PlanarSamples>(
  blocks: AsyncIterable<Block>,
  look: (block: Block) => Promise<void>,
): AsyncGenerator<Block, void> {
  for await (const block of blocks) {
    await look(block);
    yield block;
  }
}

function throughChain(
  blocks: AsyncIterable<PlanarSamples>,
  processors: readonly Processor[],
  watch: StreamWatch,
): AsyncIterable<PlanarSamples> {
  if (processors.length === 0) return blocks;
  // With a stage the reader was opened for float32.
  return processedBlocks(blocks as AsyncIterable<Planar>, processors, watch);
}
