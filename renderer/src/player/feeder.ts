import { type ControlBlock, ringStride } from './control-block.js';
import { foldDown, writeFolded } from './fold-down.js';
import { nextSegment } from './play-order.js';
import type { PlayOrder } from './play-order.js';

/**
 * Reads part of a playback copy.
 * @param startFrame  first sample frame
 * @param frames      1 or more
 * @returns interleaved, [frames][channels]
 * @throws when it cannot be read, or when `signal` fires
 */
export type ReadFrames = (startFrame: number, frames: number, signal: AbortSignal) => Promise<Float32Array>;

/** What the feeder reads. */
export interface FeederSources {
  readonly channels: number;
  /** sample frames of the recording; raw and result have the same */
  readonly length: number;
  readonly readRaw: ReadFrames;
  /** null while there is no result: raw is then heard on both sides */
  readonly readResult: ReadFrames | null;
}

/** Frames fetched at a time: about a third of a second at 48 kHz. */
const chunkFrames = 16_384;

/** The first fetch after a seek is small, so that sound begins at once. */
const firstChunkFrames = 4096;

/** How often a full ring, or a request for another place, is looked at. */
const pollMilliseconds = 8;

/** Keeps the ring full along the order that the mixer has adopted. Runs on any thread with fetch. */
export class Feeder {
  readonly #control: ControlBlock;
  readonly #sources: FeederSources;
  readonly #shares;
  #epoch = 0;
  #order: PlayOrder | null = null;
  #cursor = 0;
  #filled = 0;
  #ended = false;
  #abort = new AbortController();

  /** @param control  shared with window and mixer */
  constructor(control: ControlBlock, sources: FeederSources) {
    this.#control = control;
    this.#sources = sources;
    this.#shares = foldDown(sources.channels);
  }

  /**
   * Works until the recording is closed.
   * @throws whatever the sources throw; the ring is then no longer filled
   */
  async run(): Promise<void> {
    while (!this.#control.disposed) {
      const worked = await this.step();
      if (!worked) await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
    }
    this.close();
  }

  /** Stops a read that is under way. */
  close(): void {
    this.#abort.abort();
  }

  /** Fills one stretch at most. @returns false when there was nothing to do */
  async step(): Promise<boolean> {
    this.#followOrder();
    if (!this.#order || this.#ended) return false;
    const { ringFrames, keptFrames } = this.#control;
    const room = ringFrames - keptFrames - (this.#filled - this.#control.readCount);
    // Whole frames: a ring of two and a half seconds at 22.05 kHz does not divide by four.
    const quarter = Math.floor((ringFrames - keptFrames) / 4);
    const first = firstChunkFrames + this.#control.adoptedRunUp;
    const wanted = Math.min(this.#filled === 0 ? first : chunkFrames, quarter);
    if (room < wanted) return false;
    const segment = nextSegment(this.#order, this.#cursor, this.#sources.length, wanted);
    if (!segment) {
      this.#ended = true;
      this.#control.setFilled(this.#filled, true);
      return true;
    }
    const epoch = this.#epoch;
    const { readRaw, readResult } = this.#sources;
    const { signal } = this.#abort;
    const [raw, result] = await Promise.all([
      readRaw(segment.startFrame, segment.frames, signal),
      readResult?.(segment.startFrame, segment.frames, signal) ?? null,
    ]);
    // The mixer may have gone elsewhere meanwhile: the ring is no longer ours to write for the old way.
    if (this.#control.adoptedEpoch !== epoch) return true;
    const slot = this.#filled % this.#control.ringFrames;
    writeFolded(raw, this.#shares, this.#control.ring, slot, ringStride, 0, segment.reversed);
    writeFolded(result ?? raw, this.#shares, this.#control.ring, slot, ringStride, 2, segment.reversed);
    this.#filled += segment.frames;
    this.#cursor = segment.nextCursor;
    this.#control.setFilled(this.#filled, false);
    return true;
  }

  #followOrder(): void {
    const epoch = this.#control.adoptedEpoch;
    if (epoch === this.#epoch) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#epoch = epoch;
    this.#order = withoutPassedLoop(this.#control.adoptedOrder);
    this.#cursor = this.#order.startFrame - this.#control.adoptedRunUp;
    this.#filled = 0;
    this.#ended = false;
    this.#control.beginFill(epoch);
  }
}

/**
 * Begun behind its loop, a way plays on to the end; its run-up lies before the end of the loop and must not turn back there.
 * @returns the order, without a loop that it never comes to
 */
function withoutPassedLoop(order: PlayOrder): PlayOrder {
  return order.startFrame < order.loopEnd ? order : { ...order, loopStart: 0, loopEnd: 0 };
}

/**
 * @param url       playback copy, headerless interleaved float32 little-endian
 * @param channels  numbers per sample frame
 * @returns reader that asks for byte ranges
 */
export function rangeReader(url: string, channels: number): ReadFrames {
  const frameBytes = channels * Float32Array.BYTES_PER_ELEMENT;
  return async (startFrame, frames, signal) => {
    const first = startFrame * frameBytes;
    const last = first + frames * frameBytes - 1;
    const response = await fetch(url, { signal, headers: { Range: `bytes=${first}-${last}` } });
    if (!response.ok) {
      throw new Error(
        `Expected the playback copy, found status ${response.status}. Open the recording again.`,
      );
    }
    const bytes = await response.arrayBuffer();
    if (bytes.byteLength !== frames * frameBytes) {
      throw new Error(
        `Expected ${frames * frameBytes} bytes of the playback copy, found ${bytes.byteLength}. Open the recording again.`,
      );
    }
    return new Float32Array(bytes);
  };
}
