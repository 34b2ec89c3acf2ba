import type { AudioFacts, Finding } from '../../contract/audio-format.js';
import type { Playback } from '../../contract/media.js';
import { frameCount } from '../dsp/planar.js';
import { throwIfAborted } from '../io/abort.js';
import { openReader } from '../io/reading/open-reader.js';
import { blockFrames } from './block-stream.js';
import { PlaybackCache } from './playback-cache.js';
import { prefetch } from './prefetch.js';
import { ProgressMeter, type ProgressListener } from './progress-meter.js';

/** One recording to be made playable. */
export interface PrepareRequest {
  readonly path: string;
  /** existing folder that receives raw.pcm and raw.peaks */
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** What is known of a recording after it was decoded once. */
export interface PreparedInput {
  readonly facts: AudioFacts;
  readonly playback: Playback;
  readonly warnings: Finding[];
}

/**
 * Decodes a recording once into its playback copy and peaks. Samples that are no numbers become silence there.
 * @throws AppError as reading does, OUTPUT_DISK_FULL before anything is written where the length is known, CANCELLED;
 *   nothing is then left in the folder
 */
export async function prepareInput(request: PrepareRequest): Promise<PreparedInput> {
  const { path, cacheFolder, signal, onProgress } = request;
  throwIfAborted(signal);
  const reader = await openReader(path, { precision: 'float32', replaceNonFinite: true, signal });
  const { sampleRateHz, channels } = reader.facts;
  const expectedSampleFrames = reader.estimatedSampleFrames;
  let cache: PlaybackCache | null = null;
  try {
    cache = await PlaybackCache.open(cacheFolder, 'raw', { sampleRateHz, channels, expectedSampleFrames });
    const meter = new ProgressMeter('prepare', sampleRateHz, expectedSampleFrames, onProgress);
    for await (const block of prefetch(reader.blocks(blockFrames), 3)) {
      throwIfAborted(signal);
      await cache.write(block);
      meter.advance(frameCount(block));
    }
    throwIfAborted(signal);
    return { facts: reader.facts, playback: await cache.finish(), warnings: [...reader.findings] };
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    reader.close();
    await cache?.abort();
  }
}
