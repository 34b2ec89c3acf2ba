import { untrack } from 'svelte';
import { AppError } from '../../../electron/contract/app-error.js';
import type { ApiClient } from '../api/client.js';
import { laneWords } from '../text/lane-words.js';
import { loadLanes } from '../waveform/lane-values.js';
import type { LaneValues } from '../waveform/lane-values.js';
import { findSegments, segmentStart } from '../waveform/speech-segments.js';
import type { Segments } from '../waveform/speech-segments.js';
import type { QueueItem } from './queue-item.svelte.js';
import type { QueueState } from './queue.svelte.js';

/** What one can jump to. */
export type SegmentKind = keyof Segments;

/** How long an answer stays on screen. */
const noticeMilliseconds = 5000;

/**
 * Speech, noise, pitch and signal-to-noise ratio of the recordings. Asks for one analysis at a time, the selected recording first, when
 * everything is decoded; while jobs run, only for the recording on screen. A recording without lanes is as usable as any other.
 */
export class LanesState {
  readonly #client: ApiClient;
  readonly #queue: QueueState;
  /** not an item's own state, because an item may leave the queue while it is being analysed */
  #analysing = $state.raw<QueueItem | null>(null);
  #values = $state.raw<LaneValues | null>(null);
  #readError = $state.raw<string | null>(null);
  #folded = $state.raw(false);
  #notice = $state.raw('');
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;

  readonly #next = $derived.by((): QueueItem | null => {
    const { items, selected, batch, isPreparing } = this.#queue;
    if (isPreparing || this.#analysing) return null;
    const wanting = items.filter((item) => item.prepared !== null && item.lanes.kind === 'none');
    if (selected && wanting.includes(selected)) return selected;
    return batch === null ? (wanting[0] ?? null) : null;
  });

  readonly #segments = $derived(this.#values ? findSegments(this.#values) : null);

  /** @param queue  whose recordings are analysed */
  constructor(client: ApiClient, queue: QueueState) {
    this.#client = client;
    this.#queue = queue;
  }

  /** Lanes of the selected recording; null until they are there. */
  get values(): LaneValues | null {
    return this.#values;
  }

  /** Why lanes that exist cannot be shown; null when all is well. */
  get readError(): string | null {
    return this.#readError;
  }

  /** Whether the lanes are hidden. */
  get folded(): boolean {
    return this.#folded;
  }

  /** The last answer to a key, empty after a while. */
  get notice(): string {
    return this.#notice;
  }

  /** Hides or shows the lanes. */
  fold(folded: boolean): void {
    this.#folded = folded;
  }

  /** Says something about the lanes, also to a screen reader. */
  say(text: string): void {
    clearTimeout(this.#noticeTimer);
    this.#notice = text;
    this.#noticeTimer = setTimeout(() => {
      this.#notice = '';
    }, noticeMilliseconds);
  }

  /**
   * Looks for speech or a pause, and says so when there is none.
   * @param slackSeconds  see {@link segmentStart}
   * @returns where it begins; null when there is none, or there are no lanes
   */
  find(kind: SegmentKind, direction: 1 | -1, positionSeconds: number, slackSeconds: number): number | null {
    if (!this.#segments) {
      this.say(laneWords.notReady);
      return null;
    }
    const found = segmentStart(this.#segments[kind], direction, positionSeconds, slackSeconds);
    if (found === null) this.say(laneWords.noMore[kind][direction === 1 ? 'next' : 'previous']);
    return found;
  }

  /** Asks again for what failed or was stopped. */
  retry(id: string): void {
    const item = this.#queue.items.find((candidate) => candidate.id === id);
    if (item?.lanes.kind === 'failed') item.lanes = { kind: 'none' };
  }

  /** Begins to analyse what comes into the queue. @returns function that ends it */
  start(): () => void {
    const end = $effect.root(() => {
      $effect(() => {
        const next = this.#next;
        if (next) untrack(() => void this.#analyse(next));
      });
      $effect(() => {
        const item = this.#queue.selected;
        if (item?.lanes.kind !== 'ready') return;
        const { facts } = item.lanes;
        const closing = new AbortController();
        const url = this.#client.mediaUrl(item.id, 'raw.lanes');
        loadLanes(url, facts, closing.signal).then(
          (values) => {
            if (!closing.signal.aborted) this.#values = values;
          },
          (error: unknown) => {
            // What was left while it was being read is not missed.
            if (!closing.signal.aborted) this.#readError = AppError.from(error).message;
          },
        );
        return () => {
          closing.abort();
          this.#values = null;
          this.#readError = null;
        };
      });
      $effect(() => {
        // What was said of one recording must not stand beside another, nor "no lanes yet" beside its lanes.
        this.#forgetNotice(this.#queue.selected, this.#values);
      });
    });
    return () => {
      end();
      clearTimeout(this.#noticeTimer);
    };
  }

  /** @param _shown  what the notice speaks of, read here so that a change of it is noticed */
  #forgetNotice(..._shown: readonly unknown[]): void {
    this.#notice = '';
  }

  async #analyse(item: QueueItem): Promise<void> {
    this.#analysing = item;
    item.lanes = { kind: 'running', progress: null };
    try {
      const facts = await this.#client.request('file:analyse', { fileId: item.id });
      item.lanes = { kind: 'ready', facts };
    } catch (error) {
      item.lanes = { kind: 'failed', error: AppError.from(error).toData() };
    } finally {
      this.#analysing = null;
    }
  }
}
