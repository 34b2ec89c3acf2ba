import { AppError } from '../../../electron/contract/app-error.js';
import type { ApiClient } from '../api/client.js';
import type { LiveStatus } from '../player/control-block.js';
import { liveWords } from '../text/live-words.js';
import type { MessagesState } from './messages.svelte.js';

/** Whether live monitoring can be switched on. */
export type LiveAvailability = 'unasked' | 'loading' | 'available' | 'unavailable';

/** Whether enhanced sound is computed while a recording plays, with which net, and at what cost. */
export class LiveState {
  readonly #client: ApiClient;
  readonly #messages: MessagesState;
  readonly #useWeights: (onnx: Uint8Array) => void;
  #availability = $state.raw<LiveAvailability>('unasked');
  #reason = $state.raw('');
  #on = $state.raw(false);
  #status = $state.raw<LiveStatus>('off');
  #savedShare = $state.raw<number | null>(null);
  #session = 0;

  /**
   * @param useWeights  takes the weights (ONNX, shared memory) once they are there; they are the same for a whole session
   */
  constructor(client: ApiClient, messages: MessagesState, useWeights: (onnx: Uint8Array) => void) {
    this.#client = client;
    this.#messages = messages;
    this.#useWeights = useWeights;
  }

  /** @see LiveAvailability */
  get availability(): LiveAvailability {
    return this.#availability;
  }

  /** Why it cannot be switched on; empty when it can. */
  get reason(): string {
    return this.#reason;
  }

  /** Whether the net computes along while a recording plays. */
  get on(): boolean {
    return this.#on;
  }

  /** What the mixer says it is doing. */
  get status(): LiveStatus {
    return this.#status;
  }

  /** Share of the net's work that its gates save at present, 0..1; null while nothing was computed. */
  get savedShare(): number | null {
    return this.#savedShare;
  }

  /** 0 while it is off, else a number of its own for every time it was switched on. */
  get session(): number {
    return this.#on ? this.#session : 0;
  }

  /** Asks for the weights unless they are there or on their way; after a failure it asks again. */
  async prepare(): Promise<void> {
    if (this.#availability === 'available' || this.#availability === 'loading') return;
    this.#availability = 'loading';
    try {
      const { onnx } = await this.#client.request('live:weights', {});
      this.#useWeights(shared(onnx));
      this.#reason = '';
      this.#availability = 'available';
    } catch (error) {
      this.#refuse(AppError.from(error).message);
    }
  }

  /** @returns whether it is as wanted now: without a net it stays off */
  switch(on: boolean): boolean {
    if (on && this.#availability !== 'available') return false;
    if (on && !this.#on) this.#session += 1;
    this.#on = on;
    if (!on) {
      this.#status = 'off';
      this.#savedShare = null;
    }
    return true;
  }

  /**
   * Takes over what the mixer says.
   * @param usedShare  of the dense net's work, 0..1; 0 while nothing was computed
   */
  show(status: LiveStatus, usedShare: number): void {
    if (!this.#on) return;
    this.#status = status;
    if (usedShare > 0) this.#savedShare = Math.max(0, 1 - usedShare);
  }

  /** Told when the audio thread cannot keep up. */
  tellOverload(): void {
    this.#messages.tell('warning', liveWords.overloaded);
  }

  /** Told when the audio thread cannot open the net. */
  fail(message: string): void {
    this.switch(false);
    this.#refuse(liveWords.failed(message));
    this.#messages.tell('problem', this.#reason);
  }

  #refuse(reason: string): void {
    this.#reason = reason;
    this.#availability = 'unavailable';
  }
}

/** @returns the bytes in memory that the audio thread reads without a copy for every recording */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
