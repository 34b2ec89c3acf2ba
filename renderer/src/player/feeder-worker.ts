import { ControlBlock } from './control-block.js';
import type { PlayerMemory } from './control-block.js';
import { Feeder, rangeReader } from './feeder.js';

/** Window to feeder: fill the ring of one recording, until its memory says that it is closed. */
export interface OpenFeed {
  readonly memory: PlayerMemory;
  readonly channels: number;
  readonly length: number;
  readonly rawUrl: string;
  readonly resultUrl: string | null;
}

/** Feeder to window: a playback copy could not be read. */
export interface FeedFailed {
  readonly message: string;
}

async function feed(open: OpenFeed): Promise<void> {
  const control = new ControlBlock(open.memory);
  const feeder = new Feeder(control, {
    channels: open.channels,
    length: open.length,
    readRaw: rangeReader(open.rawUrl, open.channels),
    readResult: open.resultUrl === null ? null : rangeReader(open.resultUrl, open.channels),
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
