import type { AudioFacts, Finding } from '../../contract/audio-format.js';
import { LaneAnalyser, type LaneNet } from '../analysis/lane-analyser.js';
import type { Lanes } from '../analysis/lanes.js';
import { frameCount } from '../dsp/planar.js';
import { throwIfAborted } from '../io/abort.js';
import { openReader } from '../io/reading/open-reader.js';
import { blockFrames } from './block-stream.js';
import { prefetch } from './prefetch.js';
import { ProgressMeter, type ProgressListener } from './progress-meter.js';

/** One recording to be analysed. */
export interface AnalyseRequest {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** What is known of a recording after its lanes were measured. */
export interface AnalysedInput {
  readonly facts: AudioFacts;
  readonly lanes: Lanes;
  readonly warnings: Finding[];
}

/**
 * Decodes a recording once and measures its lanes; nothing is written.
 * @param net  not used by anybody else meanwhile
 * @throws AppError as reading does, MODEL_FAILED, CANCELLED within one block
 */
export async function analyseInput(request: AnalyseRequest, net: LaneNet): Promise<AnalysedInput> {
  const { path, signal, onProgress } = request;
  throwIfAborted(signal);
  const reader = await openReader(path, { precision: 'float32', replaceNonFinite: true, signal });
  const { sampleRateHz, channels } = reader.facts;
  let analyser: LaneAnalyser | null = null;
  try {
    analyser = await LaneAnalyser.open(sampleRateHz, channels, net);
    const meter = new ProgressMeter('analyse', sampleRateHz, reader.estimatedSampleFrames, onProgress);
    for await (const block of prefetch(reader.blocks(blockFrames), 3)) {
      throwIfAborted(signal);
      analyser.push(block);
      meter.advance(frameCount(block));
    }
    throwIfAborted(signal);
    return { facts: reader.facts, lanes: analyser.finish(), warnings: [...reader.findings] };
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    reader.close();
    analyser?.close();
  }
}
