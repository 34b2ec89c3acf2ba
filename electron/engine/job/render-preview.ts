import { AppError } from '../../contract/app-error.js';
import { changesVoice, type ChainSettings } from '../../contract/chain.js';
import type { Playback } from '../../contract/media.js';
import type { Preview, Stretch } from '../../contract/preview.js';
import { frameCount, type Planar } from '../dsp/planar.js';
import { throwIfAborted } from '../io/abort.js';
import type { ModelHost } from '../models/model-host.js';
import { notKeptCode } from '../processors/voice/voice-findings.js';
import { openChain } from '../processors/chain.js';
import { blockFrames, processedBlocks } from './block-stream.js';
import { BusyClock } from './busy-clock.js';
import { LevelTaps } from './level-taps.js';
import { writePitchFile } from './pitch-file.js';
import { PitchPair } from './pitch-pair.js';
import { playbackBlocks } from './playback-blocks.js';
import { PlaybackCache } from './playback-cache.js';
import { prefetch } from './prefetch.js';
import { previewSpan } from './preview-span.js';
import { ProgressMeter, type ProgressListener } from './progress-meter.js';

/** A stretch of a recording to be heard as the chain would make it. */
export interface PreviewRequest {
  /** path of the playback copy of the raw recording */
  readonly source: string;
  /** of `source` */
  readonly playback: Playback;
  readonly stretch: Stretch;
  readonly chain: ChainSettings;
  /** existing folder that receives preview.pcm, and preview.f0 where the voice is changed */
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/**
 * Renders a stretch on the same way as an export, with the same processors: what they are given before and behind it is cut away.
 * Of enhance, and of a disguise that draws nothing at random, the samples are those of the export. Another voice is near to it: its running
 * means reach further back than what it is given, and its noise and melody begin with that. No file is written but preview.pcm and, where the
 * voice is changed, preview.f0.
 * @throws AppError INVALID_ARGUMENT for a stretch that is not in the recording, as {@link openChain}, INPUT_UNREADABLE, OUTPUT_DISK_FULL,
 *   CANCELLED within one block; no copy is then left in the folder
 */
export async function renderPreview(request: PreviewRequest, models: ModelHost): Promise<Preview> {
  const { playback, stretch, chain, signal } = request;
  throwIfAborted(signal);
  assertInside(stretch, playback.sampleFrames);
  const { sampleRateHz, channels } = playback;
  const format = { sampleRateHz, channels };
  const processors = await openChain(format, chain, { models, signal });
  let cache: PlaybackCache | null = null;
  let pitch: PitchPair | null = null;
  try {
    if (changesVoice(chain)) pitch = await PitchPair.open(sampleRateHz, channels);
    const span = previewSpan(stretch, sampleRateHz, playback.sampleFrames, chain, models);
    const taps = new LevelTaps(sampleRateHz, channels, processors.length > 0);
    const expectedSampleFrames = stretch.endFrame - stretch.startFrame;
    cache = await PlaybackCache.open(request.cacheFolder, 'preview', { ...format, expectedSampleFrames });
    const meter = new ProgressMeter('preview', sampleRateHz, span.to - span.from, request.onProgress);
    const source = prefetch(playbackBlocks(request.source, channels, span, blockFrames), 2);
    const raw = tapped(source, span.from, stretch, (block) => {
      throwIfAborted(signal);
      taps.pushRaw(block);
      pitch?.pushRaw(block);
    });
    let at = span.from;
    for await (const block of processedBlocks(raw, processors, { clock: new BusyClock(), signal })) {
      const heard = within(block, at, stretch);
      at += frameCount(block);
      if (frameCount(heard) > 0) {
        taps.pushResult(heard);
        pitch?.pushResult(heard);
        await cache.write(heard);
      }
      meter.advance(frameCount(block));
    }
    throwIfAborted(signal);
    // What was counted says nothing of the stretch: it counts what is cut away, too. But that not the own voice speaks must be said.
    const warnings = processors.flatMap(({ findings = [], countedFindings = [] }) => [
      ...findings,
      ...countedFindings.filter(({ code }) => code === notKeptCode),
    ]);
    // First: where it fails, there is no copy either.
    const f0Frames = pitch && (await writePitchFile(request.cacheFolder, 'preview', pitch.finish()));
    const copy = await cache.finish();
    return {
      playback: f0Frames === null ? copy : { ...copy, f0Frames },
      loudness: taps.report(),
      warnings,
    };
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    for (const processor of processors) processor.close();
    pitch?.close();
    // Does nothing after a good end.
    await cache?.abort();
  }
}

function assertInside({ startFrame, endFrame }: Stretch, length: number): void {
  if (startFrame >= 0 && endFrame > startFrame && endFrame <= length) return;
  throw new AppError(
    'INVALID_ARGUMENT',
    `Expected a stretch within the ${length} sample frames of the recording, found ${startFrame} to ${endFrame}. Select it again.`,
  );
}

async function* tapped(
  blocks: AsyncIterable<Planar>,
  from: number,
  stretch: Stretch,
  look: (block: Planar) => void,
): AsyncGenerator<Planar, void> {
  let at = from;
  for await (const block of blocks) {
    look(within(block, at, stretch));
    at += frameCount(block);
    yield block;
  }
}

/** @returns what of a block that begins at sample frame `at` lies in the stretch, [channels][0 or more]; borrowed */
function within(block: Planar, at: number, { startFrame, endFrame }: Stretch): Planar {
  const first = Math.max(0, startFrame - at);
  const end = Math.max(first, Math.min(frameCount(block), endFrame - at));
  return block.map((samples) => samples.subarray(first, end));
}
