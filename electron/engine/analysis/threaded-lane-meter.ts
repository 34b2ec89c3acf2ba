import { Worker } from 'node:worker_threads';
import { AppError } from '../../contract/app-error.js';
import { frameCount, type Planar } from '../dsp/planar.js';
import type { LaneMeter, LaneStream } from './lane-meter.js';
import type { LaneAnswer, LaneRequest } from './lane-thread-messages.js';
import type { Lanes } from './lanes.js';
import type { LaneNetSource } from './open-lane-net.js';

interface Waiting {
  readonly resolve: (lanes: Lanes | null) => void;
  readonly reject: (error: AppError) => void;
}

/** A meter whose net runs in a thread of its own, so that the chain does not wait for it. */
export class ThreadedLaneMeter implements LaneMeter {
  readonly #worker: Worker;
  /** in the order of the requests, which is that of the answers */
  readonly #waiting: Waiting[] = [];
  /** blocks to copy into: what is transferred is freed only when the thread's own collector runs, which is late */
  readonly #spare: Float32Array<ArrayBuffer>[][] = [];
  /** why nothing more will be answered */
  #ended: AppError | null = null;

  private constructor(threadFile: string) {
    this.#worker = new Worker(threadFile, { name: 'sotto-lanes' });
    this.#worker.on('message', (answer: LaneAnswer) => {
      const waiting = this.#waiting.shift();
      if (!answer.ok) return waiting?.reject(AppError.fromData(answer.error));
      if (answer.lanes === null && answer.block.length > 0) this.#spare.push(answer.block);
      waiting?.resolve(answer.lanes);
    });
    this.#worker.on('error', (error) => this.#end(String(error)));
    this.#worker.on('exit', (code) => this.#end(`it ended with code ${code}`));
  }

  /**
   * Starts the thread.
   * @param threadFile  absolute path of the built `lane-thread.js`
   * @throws AppError MODEL_FAILED
   */
  static async open(stream: LaneStream, source: LaneNetSource, threadFile: string): Promise<LaneMeter> {
    const meter = new ThreadedLaneMeter(threadFile);
    try {
      await meter.#ask({ ask: 'open', stream, source });
      return meter;
    } catch (error) {
      await meter.close();
      throw error;
    }
  }

  async push(block: Planar): Promise<void> {
    // Copied: the block goes on through the chain meanwhile.
    const copy = this.#copyOf(block);
    await this.#ask(
      { ask: 'push', block: copy },
      copy.map(({ buffer }) => buffer),
    );
  }

  async finish(): Promise<Lanes> {
    const lanes = await this.#ask({ ask: 'finish' });
    if (lanes === null) throw new AppError('INTERNAL', 'Expected lanes from their thread, found none.');
    return lanes;
  }

  async close(): Promise<void> {
    this.#end('it was closed');
    await this.#worker.terminate();
  }

  #copyOf(block: Planar): Float32Array<ArrayBuffer>[] {
    const spare = this.#spare.pop();
    if (spare?.[0]?.length !== frameCount(block)) return block.map((samples) => samples.slice());
    spare.forEach((samples, channel) => samples.set(block[channel]!));
    return spare;
  }

  #ask(request: LaneRequest, buffers: ArrayBuffer[] = []): Promise<Lanes | null> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request, buffers);
    });
  }

  #end(reason: string): void {
    this.#ended ??= new AppError(
      'MODEL_FAILED',
      `The thread that measures lanes ended before it answered (${reason}). Try again; if it happens every time, memory may be short.`,
      { reason },
    );
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}
