import { ControlBlock } from './control-block.js';
import type { PlayerMemory } from './control-block.js';
import { Feeder, rangeReader } from './feeder.js';
import { stretchReader } from './stretch-reader.js';
import type { PlayableRendering } from './stretch-reader.js';

/** Window to feeder: fill the ring of one recording, until its memory says that it is closed. */
export interface OpenFeed {
  readonly memory: PlayerMemory;
  readonly channels: number;
  readonly length: number;
  readonly rawUrl: string;
  readonly rendering: PlayableRendering | null;
}

/** Feeder to window: a playback copy could not be read. */
export interface FeedFailed {
  readonly message: string;
}

async function feed(open: OpenFeed): Promise<void> {
  const control = new ControlBlock(open.memory);
  const { channels, length, rendering } = open;
  const readRaw = rangeReader(open.rawUrl, channels);
  const feeder = new Feeder(control, {
    channels,
    length,
    readRaw,
    readResult:
      rendering && stretchReader(rangeReader(rendering.url, channels), rendering.range, readRaw, channels),
  });
  try {
    await feeder.run();
  } catch (error) {
    if (control.disposed) return;
    const failed: FeedFailed = { message: error instanceof Error ? error.message : String(error) };
    self.postMessage(failed);
  }
}

self.addEventListener('message', (event: MessageEvent<OpenFeed>) => {
  void feed(event.data);
});
