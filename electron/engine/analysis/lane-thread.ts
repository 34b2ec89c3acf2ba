import { parentPort } from 'node:worker_threads';
import { AppError } from '../../contract/app-error.js';
import { openDirectLaneMeter, type LaneMeter } from './lane-meter.js';
import type { LaneAnswer, LaneRequest } from './lane-thread-messages.js';

/** The entry of a lane thread: measures the lanes of one stream and is terminated by whoever started it. */
const port = parentPort;
let meter: LaneMeter | undefined;
let last: Promise<void> = Promise.resolve();

port?.on('message', (request: LaneRequest) => {
  last = last.then(() => answer(request));
});

async function answer(request: LaneRequest): Promise<void> {
  try {
    const found = await measure(request);
    const buffers =
      found.lanes === null ? found.block.map(({ buffer }) => buffer) : [found.lanes.values.buffer];
    port?.postMessage(found, buffers as ArrayBuffer[]);
  } catch (error) {
    port?.postMessage({ ok: false, error: AppError.from(error).toData() } satisfies LaneAnswer);
  }
}

async function measure(request: LaneRequest): Promise<LaneAnswer & { ok: true }> {
  if (request.ask === 'open') {
    meter = await openDirectLaneMeter(request.stream, request.source);
    return { ok: true, lanes: null, block: [] };
  }
  if (meter === undefined) {
    throw new AppError('INTERNAL', 'The lanes of a stream were asked for before it was opened.');
  }
  if (request.ask === 'finish') return { ok: true, lanes: await meter.finish() };
  await meter.push(request.block);
  return { ok: true, lanes: null, block: request.block };
}
