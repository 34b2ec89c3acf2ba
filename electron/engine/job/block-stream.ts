import { AppError } from '../../contract/app-error.js';
import { frameCount, type Planar, type PlanarSamples } from '../dsp/planar.js';
import { throwIfAborted } from '../io/abort.js';
import type { AudioReader } from '../io/audio-reader.js';
import type { Processor } from '../processors/processor.js';
import type { BusyClock } from './busy-clock.js';
import { prefetch } from './prefetch.js';

/**
 * Sample frames in one block. Measured on 10 min of 48 kHz stereo: smaller blocks cost time at every hand-over,
 * larger ones only memory.
 */
export const blockFrames = 32_768;

/** Blocks on their way between two parts that work at the same time: one in each hand and one between. */
const blocksAhead = 3;

/** What a stream of blocks is watched by. */
export interface StreamWatch {
  readonly clock: BusyClock;
  readonly signal: AbortSignal;
}

/**
 * The blocks of `reader`, decoded ahead. Waiting for them counts as `decode`.
 * @throws AppError CANCELLED before the next block once the signal is aborted; what the reader throws
 */
export async function* decodedBlocks<Block extends PlanarSamples>(
  reader: AudioReader<Block>,
  watch: StreamWatch,
): AsyncGenerator<Block, void> {
  const blocks = prefetch(reader.blocks(blockFrames), blocksAhead);
  try {
    for (;;) {
      const item = await watch.clock.time('decode', () => blocks.next());
      throwIfAborted(watch.signal);
      if (item.done === true) return;
      yield item.value;
    }
  } finally {
    await blocks.return();
  }
}

/**
 * `blocks` after every one of `processors`, in order, each working while the ones behind and before it work as well.
 * Blocks without sample frames are left out.
 * @throws AppError CANCELLED, INTERNAL when a processor gives back another number of sample frames than it was given
 */
export function processedBlocks(
  blocks: AsyncIterable<Planar>,
  processors: readonly Processor[],
  watch: StreamWatch,
): AsyncIterable<Planar> {
  return processors.reduce<AsyncIterable<Planar>>(
    (before, processor) => prefetch(throughProcessor(before, processor, watch), blocksAhead),
    blocks,
  );
}

async function* throughProcessor(
  blocks: AsyncIterable<Planar>,
  processor: Processor,
  watch: StreamWatch,
): AsyncGenerator<Planar, void> {
  let given = 0;
  let returned = 0;
  for await (const block of blocks) {
    throwIfAborted(watch.signal);
    given += frameCount(block);
    const ready = await watch.clock.time('chain', () => processor.process(block));
    returned += frameCount(ready);
    if (frameCount(ready) > 0) yield ready;
  }
  throwIfAborted(watch.signal);
  const rest = await watch.clock.time('chain', () => processor.flush());
  returned += frameCount(rest);
  if (given !== returned) {
    const message = `A stage gave back ${returned} sample frames for ${given}; the result would be out of place. Please report this.`;
    throw new AppError('INTERNAL', message);
  }
  if (frameCount(rest) > 0) yield rest;
}
