import { AppError } from '../../../electron/contract/app-error.js';
import type { AppErrorData, ErrorCode } from '../../../electron/contract/app-error.js';
import type { ApiClient } from '../api/client.js';
import type { LiveStatus } from '../player/control-block.js';
import type { LiveNet } from '../player/mixer-options.js';
import { liveWords } from '../text/live-words.js';
import type { MessagesState } from './messages.svelte.js';

/** Whether live monitoring can be switched on. */
export type LiveAvailability = 'unasked' | 'loading' | 'available' | 'unavailable';

/** Whether enhanced sound is computed while a recording plays, with which net, and at what cost. */
export class LiveState {
  readonly #client: ApiClient;
  readonly #messages: MessagesState;
  readonly #useNet: (net: LiveNet) => void;
  #availability = $state.raw<LiveAvailability>('unasked');
  #reason = $state.raw('');
  #problem = $state.raw<ErrorCode | null>(null);
  #on = $state.raw(false);
  #status = $state.raw<LiveStatus>('off');
  #savedShare = $state.raw<number | null>(null);
  #gates = $state.raw(true);
  #session = 0;
  /** asked for last */
  #level = '';

  /** @param useNet  takes the net once it is there, and again when another level was asked for */
  constructor(client: ApiClient, messages: MessagesState, useNet: (net: LiveNet) => void) {
    this.#client = client;
    this.#messages = messages;
    this.#useNet = useNet;
  }

  /** @see LiveAvailability */
  get availability(): LiveAvailability {
    return this.#availability;
  }

  /** Why it cannot be switched on; empty when it can. */
  get reason(): string {
    return this.#reason;
  }

  /** What kind of reason that is; null when it can be switched on. */
  get problem(): ErrorCode | null {
    return this.#problem;
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

  /** Whether the net has gates, which can save some of its work. */
  get gates(): boolean {
    return this.#gates;
  }

  /** 0 while it is off, else a number of its own for every time it was switched on. */
  get session(): number {
    return this.#on ? this.#session : 0;
  }

  /**
   * Asks for the weights of a level unless they are there or on their way; after a failure it asks again.
   * @param level  of the enhancer, the one that jobs run with. The net before it is heard until its weights are there.
   */
  async prepare(level: string): Promise<void> {
    const same = level === this.#level;
    if (same && (this.#availability === 'available' || this.#availability === 'loading')) return;
    this.#level = level;
    if (this.#availability !== 'available') this.#availability = 'loading';
    try {
      const { sha256, gates, onnx } = await this.#client.request('live:weights', { level });
      if (level !== this.#level) return;
      this.#useNet({ sha256, onnx: shared(onnx) });
      this.#gates = gates;
      this.#savedShare = null;
      this.#reason = '';
      this.#problem = null;
      this.#availability = 'available';
    } catch (error) {
      // Asked for another one meanwhile, nobody wants to know of this one.
      if (level === this.#level) this.#refuse(AppError.from(error));
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
   * @param usedShare  of the dense net's work, at times a little above 1; 0 while nothing was computed
   */
  show(status: LiveStatus, usedShare: number): void {
    if (!this.#on) return;
    this.#status = status;
    this.#savedShare = usedShare > 0 ? Math.max(0, 1 - usedShare) : null;
  }

  /** Told when the audio thread cannot keep up. */
  tellOverload(): void {
    this.#messages.tell('warning', liveWords.overloaded);
  }

  /** Told when the audio thread cannot open the net. */
  fail(message: string): void {
    this.switch(false);
    // The audio thread gives no code: the net may be damaged, or the machine short of memory.
    this.#refuse({ code: 'INTERNAL', message: liveWords.failed(message) });
    this.#messages.tell('problem', this.#reason);
  }

  #refuse({ code, message: reason }: AppErrorData): void {
    // Whoever is listening hears raw now, and must know why.
    if (this.#on) this.#messages.tell('problem', liveWords.unavailable(reason));
    this.switch(false);
    this.#reason = reason;
    this.#problem = code;
    this.#availability = 'unavailable';
  }
}

/** @returns the bytes in memory that the audio thread reads without a copy for every recording */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
