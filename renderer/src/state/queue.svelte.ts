import { AppError } from '../../../electron/contract/app-error.js';
import type { JobSettings, Progress } from '../../../electron/contract/job.js';
import type { AddedFiles } from '../../../electron/contract/window-contract.js';
import type { ApiClient } from '../api/client.js';
import { words } from '../text/words.js';
import type { MessagesState } from './messages.svelte.js';
import { QueueItem } from './queue-item.svelte.js';
import { sameJob } from './settings.svelte.js';

/** How far the running batch is. */
export interface BatchProgress {
  readonly finished: number;
  readonly total: number;
}

/**
 * The recordings in the window, in the order they came. Decodes one at a time for the waveform (the selected one first)
 * and processes one at a time; a recording that fails is marked and the next one goes on.
 */
export class QueueState {
  readonly #client: ApiClient;
  readonly #messages: MessagesState;
  readonly #jobSettings: () => JobSettings;
  #items = $state.raw<readonly QueueItem[]>([]);
  #selectedId = $state.raw<string | null>(null);
  #batch = $state.raw<BatchProgress | null>(null);
  #finishedVersion = 0;
  #preparing: Promise<void> | null = null;
  #processing: Promise<void> | null = null;
  /** recordings whose running request was stopped by the user, so that its end is not told as a failure */
  readonly #stopped = new Set<string>();
  /** recordings that are to be processed as soon as they are decoded */
  readonly #afterPrepare = new Set<QueueItem>();

  readonly #selected = $derived(this.#items.find((item) => item.id === this.#selectedId) ?? null);
  readonly #toProcess = $derived(this.#items.filter((item) => this.needsProcessing(item)));

  /** @param jobSettings  the settings at this moment; read when a job starts */
  constructor(client: ApiClient, messages: MessagesState, jobSettings: () => JobSettings) {
    this.#client = client;
    this.#messages = messages;
    this.#jobSettings = jobSettings;
  }

  /** Recordings in the order they came. */
  get items(): readonly QueueItem[] {
    return this.#items;
  }

  /** The recording shown in the middle of the window. */
  get selected(): QueueItem | null {
    return this.#selected;
  }

  /** Recordings that "Process all" would take: not done, or done with other settings than now. */
  get toProcess(): readonly QueueItem[] {
    return this.#toProcess;
  }

  /** How far the running batch is; null when nothing is processed. */
  get batch(): BatchProgress | null {
    return this.#batch;
  }

  /** Whether the result was made with other settings than those set now. */
  isChanged(item: QueueItem): boolean {
    return item.result !== null && !sameJob(item.result.settings, this.#jobSettings());
  }

  /** Whether "Process all" would take the recording. */
  needsProcessing(item: QueueItem): boolean {
    if (item.busy) return item.activity === 'preparing';
    return !item.unreadable && (item.result === null || item.failure !== null || this.isChanged(item));
  }

  /** Asks for dropped paths to be added. */
  async addPaths(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    await this.#accept(() => this.#client.request('files:add', { paths: [...paths] }));
  }

  /** Lets the user choose recordings in the system's dialog. */
  async choose(kind: 'files' | 'folder'): Promise<void> {
    await this.#accept(() => this.#client.request('files:choose', { kind }));
  }

  /** Takes recordings in that the main process has opened; those already here stay as they are. */
  accept(added: AddedFiles): void {
    const known = new Set(this.#items.map((item) => item.id));
    const fresh = added.files.filter((file) => !known.has(file.fileId)).map((file) => new QueueItem(file));
    this.#items = [...this.#items, ...fresh];
    this.#selectedId ??= fresh[0]?.id ?? null;
    if (added.rejected.length > 0) {
      this.#messages.tell(
        'problem',
        words.queue.rejected(added.rejected.length),
        added.rejected.map(({ path, error }) => `${fileName(path)}: ${error.message}`),
      );
    }
    this.#pumpPrepare();
  }

  /** Shows a recording; unknown ids are ignored, because the row may just have gone. */
  select(id: string): void {
    if (!this.#items.some((item) => item.id === id)) return;
    this.#selectedId = id;
    this.#pumpPrepare();
  }

  /** Moves the selection by `step` rows and stops at the ends. @returns the id now selected */
  selectBy(step: number): string | null {
    const index = this.#items.findIndex((item) => item.id === this.#selectedId);
    const next = this.#items[Math.min(this.#items.length - 1, Math.max(0, index + step))];
    if (next) this.select(next.id);
    return this.#selectedId;
  }

  /** Takes a recording off the queue and stops what runs for it. The recording itself stays on disk. */
  async remove(id: string): Promise<void> {
    const index = this.#items.findIndex((item) => item.id === id);
    const item = this.#items[index];
    if (!item) return;
    const wasRunning = item.activity === 'preparing' || item.activity === 'processing';
    item.activity = item.activity === 'queued' ? 'none' : item.activity;
    this.#items = this.#items.filter((other) => other !== item);
    if (this.#selectedId === id) {
      this.#selectedId = (this.#items[index] ?? this.#items[index - 1])?.id ?? null;
    }
    try {
      if (wasRunning) await this.#stop(item);
      await this.#client.request('file:remove', { fileId: id });
    } catch (error) {
      this.#messages.tellError(error);
    }
  }

  /** Stops what runs or waits for one recording. */
  async cancel(id: string): Promise<void> {
    const item = this.#items.find((candidate) => candidate.id === id);
    if (!item?.busy) return;
    if (item.activity === 'queued') {
      item.activity = 'none';
      item.cancelled = true;
      this.#countFinished();
      return;
    }
    try {
      await this.#stop(item);
    } catch (error) {
      this.#messages.tellError(error);
    }
  }

  /** Stops the whole batch. */
  async cancelAll(): Promise<void> {
    const processing = this.#items.filter(
      (item) => item.activity === 'queued' || item.activity === 'processing',
    );
    // Waiting ones first: else the next one would start as soon as the running one ends.
    processing.sort((a, b) => Number(a.activity === 'processing') - Number(b.activity === 'processing'));
    for (const item of processing) await this.cancel(item.id);
  }

  /** Repeats what failed or was stopped. */
  retry(id: string): void {
    const item = this.#items.find((candidate) => candidate.id === id);
    if (!item || item.busy) return;
    const processAgain = item.failure?.during === 'process' || (item.cancelled && item.prepared !== null);
    item.failure = null;
    item.cancelled = false;
    if (processAgain) this.#enqueue([item]);
    else this.#pumpPrepare();
  }

  /** Processes and exports every recording that needs it, in order. @returns when the batch has ended */
  async processAll(): Promise<void> {
    this.#enqueue(this.#toProcess);
    await this.#processing;
  }

  /** Processes and exports one recording, also when it is done already. */
  async process(id: string): Promise<void> {
    const item = this.#items.find((candidate) => candidate.id === id);
    if (item) this.#enqueue([item]);
    await this.#processing;
  }

  /** Takes progress over from the engine. */
  showProgress(fileId: string, progress: Progress): void {
    const item = this.#items.find((candidate) => candidate.id === fileId);
    if (item && (item.activity === 'preparing' || item.activity === 'processing')) item.progress = progress;
  }

  async #accept(ask: () => Promise<AddedFiles>): Promise<void> {
    try {
      this.accept(await ask());
    } catch (error) {
      this.#messages.tellError(error);
    }
  }

  async #stop(item: QueueItem): Promise<void> {
    this.#stopped.add(item.id);
    await this.#client.request('job:cancel', { fileId: item.id });
  }

  #pumpPrepare(): void {
    this.#preparing ??= this.#prepareAll().finally(() => {
      this.#preparing = null;
    });
  }

  async #prepareAll(): Promise<void> {
    for (;;) {
      const wanting = this.#items.filter(wantsPreparing);
      const next = wanting.find((item) => item === this.#selected) ?? wanting[0];
      if (!next) return;
      await this.#prepare(next);
    }
  }

  async #prepare(item: QueueItem): Promise<void> {
    item.activity = 'preparing';
    item.progress = null;
    try {
      // Reading the container takes milliseconds and is useful even when the sound cannot be decoded.
      item.inspection ??= await this.#client.request('file:inspect', { fileId: item.id });
      item.prepared = await this.#client.request('file:prepare', { fileId: item.id });
    } catch (error) {
      this.#fail(item, 'prepare', error);
    } finally {
      this.#stopped.delete(item.id);
      item.progress = null;
      item.activity = 'none';
      // "Process all" may have been pressed while this recording was being decoded.
      if (this.#afterPrepare.delete(item)) {
        if (item.failure || item.cancelled) this.#countFinished();
        else item.activity = 'queued';
        this.#pumpProcess();
      }
    }
  }

  #enqueue(items: readonly QueueItem[]): void {
    let added = 0;
    for (const item of items) {
      if (item.activity === 'preparing' && !this.#afterPrepare.has(item)) {
        this.#afterPrepare.add(item);
        added++;
      }
      if (item.busy) continue;
      item.failure = null;
      item.cancelled = false;
      item.activity = 'queued';
      added++;
    }
    if (added === 0) return;
    const running = this.#batch ?? { finished: 0, total: 0 };
    this.#batch = { ...running, total: running.total + added };
    this.#pumpProcess();
  }

  #pumpProcess(): void {
    this.#processing ??= this.#processQueued().finally(() => {
      this.#processing = null;
      this.#batch = null;
    });
  }

  async #processQueued(): Promise<void> {
    for (;;) {
      const next = this.#items.find((item) => item.activity === 'queued');
      if (next) {
        await this.#processOne(next);
        continue;
      }
      if (this.#afterPrepare.size === 0 || !this.#preparing) return;
      await this.#preparing;
    }
  }

  async #processOne(item: QueueItem): Promise<void> {
    const settings = this.#jobSettings();
    item.activity = 'processing';
    item.progress = null;
    try {
      const { report, playback } = await this.#client.request('job:start', { fileId: item.id, settings });
      if (report.status === 'done') {
        item.result = { report, playback, settings, version: ++this.#finishedVersion };
      } else {
        const error = report.error ?? new AppError('INTERNAL', words.queue.failedWithoutReason).toData();
        this.#fail(item, 'process', AppError.fromData(error));
      }
    } catch (error) {
      this.#fail(item, 'process', error);
    } finally {
      this.#stopped.delete(item.id);
      item.progress = null;
      item.activity = 'none';
      this.#countFinished();
      // It may have been processed before its turn to be decoded for the waveform came.
      this.#pumpPrepare();
    }
  }

  #countFinished(): void {
    if (this.#batch) this.#batch = { ...this.#batch, finished: this.#batch.finished + 1 };
  }

  #fail(item: QueueItem, during: 'prepare' | 'process', error: unknown): void {
    const appError = AppError.from(error);
    if (appError.code === 'CANCELLED' || this.#stopped.has(item.id)) item.cancelled = true;
    else item.failure = { during, error: appError.toData() };
  }
}

/** @returns whether a recording is still to be decoded for waveform and playback */
function wantsPreparing(item: QueueItem): boolean {
  return !item.busy && item.prepared === null && item.failure === null && !item.cancelled;
}

/** @returns last part of a path of any platform */
function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
