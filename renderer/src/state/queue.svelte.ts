import { AppError } from '../../../electron/contract/app-error.js';
import type { JobSettings, Progress } from '../../../electron/contract/job.js';
import type { AddedFiles } from '../../../electron/contract/window-contract.js';
import type { ApiClient } from '../api/client.js';
import { words } from '../text/words.js';
import type { MessagesState } from './messages.svelte.js';
import { QueueItem } from './queue-item.svelte.js';
import type { Work } from './queue-item.svelte.js';
import { sameJob } from './settings.svelte.js';

/** How far the running batch is. */
export interface BatchProgress {
  readonly finished: number;
  readonly total: number;
}

/**
 * The recordings in the window, in the order they came. Decodes one at a time for the waveform, the selected one first. Jobs are handed to
 * the main process all at once: it knows how many the machine can bear, and tells the user when the last one is done.
 * A recording that fails is marked and the others go on.
 */
export class QueueState {
  readonly #client: ApiClient;
  readonly #messages: MessagesState;
  readonly #jobSettings: () => JobSettings;
  #items = $state.raw<readonly QueueItem[]>([]);
  #selectedId = $state.raw<string | null>(null);
  #batch = $state.raw<BatchProgress | null>(null);
  #finishedVersion = 0;
  #isPreparing = false;
  readonly #jobs = new Set<Promise<void>>();
  /** recordings whose running request was stopped by the user, so that its end is not told as a failure */
  readonly #stopped = new Set<string>();

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

  /** Whether a recording is being decoded for the waveform, or waits for it. */
  get isPreparing(): boolean {
    return this.#items.some((item) => item.preparing || wantsPreparing(item));
  }

  /** Whether the result was made with other settings than those set now. */
  isChanged(item: QueueItem): boolean {
    return item.result !== null && !sameJob(item.result.settings, this.#jobSettings());
  }

  /** Whether "Process all" would take the recording. */
  needsProcessing(item: QueueItem): boolean {
    if (item.activity !== 'none') return false;
    return (
      !item.unreadable && (item.result === null || item.failure?.during === 'process' || this.isChanged(item))
    );
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
    this.#items = this.#items.filter((other) => other !== item);
    if (this.#selectedId === id) {
      this.#selectedId = (this.#items[index] ?? this.#items[index - 1])?.id ?? null;
    }
    try {
      if (item.busy) await this.#stop(item);
      await this.#client.request('file:remove', { fileId: id });
    } catch (error) {
      this.#messages.tellError(error);
    }
  }

  /** Stops what runs or waits for one recording. */
  async cancel(id: string): Promise<void> {
    const item = this.#items.find((candidate) => candidate.id === id);
    if (!item?.busy) return;
    try {
      await this.#stop(item);
    } catch (error) {
      this.#messages.tellError(error);
    }
  }

  /** Stops the whole batch. */
  async cancelAll(): Promise<void> {
    // From the end: else the next one would start as soon as the running one is stopped.
    for (const item of this.#items.filter((one) => one.activity !== 'none').reverse())
      await this.cancel(item.id);
  }

  /** Repeats what failed or was stopped. */
  retry(id: string): void {
    const item = this.#items.find((candidate) => candidate.id === id);
    if (!item || item.busy) return;
    const work = item.failure?.during ?? item.cancelled;
    item.failure = null;
    item.cancelled = null;
    if (work === 'process') void this.#enqueue([item]);
    this.#pumpPrepare();
  }

  /** Processes and exports every recording that needs it, in order. @returns when the batch has ended */
  async processAll(): Promise<void> {
    await this.#enqueue(this.#toProcess);
  }

  /** Processes and exports one recording, also when it is done already. */
  async process(id: string): Promise<void> {
    const item = this.#items.find((candidate) => candidate.id === id);
    if (item) await this.#enqueue([item]);
  }

  /** Takes progress over from the engine. */
  showProgress(fileId: string, progress: Progress): void {
    const item = this.#items.find((candidate) => candidate.id === fileId);
    if (!item) return;
    if (progress.phase === 'analyse') {
      if (item.lanes.kind === 'running') item.lanes = { kind: 'running', progress };
      return;
    }
    if (progress.phase !== 'prepare' && item.activity === 'queued') item.activity = 'processing';
    const shown: Work = item.activity === 'none' ? 'prepare' : 'process';
    const told: Work = progress.phase === 'prepare' ? 'prepare' : 'process';
    if (item.busy && told === shown) item.progress = progress;
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
    if (this.#isPreparing) return;
    this.#isPreparing = true;
    void this.#prepareAll().finally(() => {
      this.#isPreparing = false;
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
    item.preparing = true;
    try {
      // Reading the container takes milliseconds and is useful even when the sound cannot be decoded.
      item.inspection ??= await this.#client.request('file:inspect', { fileId: item.id });
      if (this.#stopped.has(item.id)) throw new AppError('CANCELLED', words.queue.statuses.cancelled);
      item.prepared = await this.#client.request('file:prepare', { fileId: item.id });
    } catch (error) {
      this.#fail(item, 'prepare', error);
    } finally {
      item.preparing = false;
      this.#settle(item);
    }
  }

  /** @returns when all of them have ended, well or not */
  async #enqueue(items: readonly QueueItem[]): Promise<void> {
    const fresh = items.filter((item) => item.activity === 'none');
    if (fresh.length === 0) return;
    const running = this.#batch ?? { finished: 0, total: 0 };
    this.#batch = { ...running, total: running.total + fresh.length };
    const settings = this.#jobSettings();
    const jobs = fresh.map((item) => this.#process(item, settings));
    for (const job of jobs) {
      this.#jobs.add(job);
      void job.finally(() => {
        this.#jobs.delete(job);
        if (this.#jobs.size === 0) this.#batch = null;
      });
    }
    await Promise.all(jobs);
  }

  async #process(item: QueueItem, settings: JobSettings): Promise<void> {
    item.failure = null;
    item.cancelled = null;
    item.activity = 'queued';
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
      item.activity = 'none';
      item.progress = null;
      this.#settle(item);
      if (this.#batch) this.#batch = { ...this.#batch, finished: this.#batch.finished + 1 };
    }
  }

  #settle(item: QueueItem): void {
    if (item.busy) return;
    item.progress = null;
    this.#stopped.delete(item.id);
  }

  #fail(item: QueueItem, during: Work, error: unknown): void {
    const appError = AppError.from(error);
    // Stopping a recording stops both; what was to be exported is what a retry has to repeat.
    if (appError.code === 'CANCELLED' || this.#stopped.has(item.id)) {
      item.cancelled = item.cancelled === 'process' ? 'process' : during;
    } else {
      item.failure = { during, error: appError.toData() };
    }
  }
}

/** @returns whether a recording is still to be decoded for waveform and playback */
function wantsPreparing(item: QueueItem): boolean {
  return (
    !item.preparing && item.prepared === null && item.failure?.during !== 'prepare' && item.cancelled === null
  );
}

/** @returns last part of a path of any platform */
function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
