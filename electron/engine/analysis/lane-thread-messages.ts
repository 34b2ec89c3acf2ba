import type { AppErrorData } from '../../contract/app-error.js';
import type { LaneStream } from './lane-meter.js';
import type { Lanes } from './lanes.js';
import type { LaneNetSource } from './open-lane-net.js';

/** Asked of a lane thread; the first is `open`. The buffers of a block are transferred. */
export type LaneRequest =
  | { readonly ask: 'open'; readonly stream: LaneStream; readonly source: LaneNetSource }
  | { readonly ask: 'push'; readonly block: Float32Array<ArrayBuffer>[] }
  | { readonly ask: 'finish' };

/** Answered by a lane thread, one for each request and in their order. A block comes back to be filled again. */
export type LaneAnswer =
  | { readonly ok: true; readonly lanes: Lanes }
  | { readonly ok: true; readonly lanes: null; readonly block: Float32Array<ArrayBuffer>[] }
  | { readonly ok: false; readonly error: AppErrorData };
