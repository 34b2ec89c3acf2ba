import type { AppErrorData } from '../../../electron/contract/app-error.js';
import type { JobSettings } from '../../../electron/contract/job.js';
import type { ApiClient } from '../api/client.js';
import type { MessagesState } from './messages.svelte.js';

/** Where one recording will be written, or why it cannot be. */
export interface PlannedOutput {
  readonly output: string | null;
  readonly error?: AppErrorData | undefined;
}

const delayMilliseconds = 120;

/** The exact output names, asked for whenever queue, settings or folder change. Nothing is written by asking. */
export class OutputPlanState {
  readonly #client: ApiClient;
  readonly #messages: MessagesState;
  #outputs = $state.raw<ReadonlyMap<string, PlannedOutput>>(new Map());
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  /** @param client  the way to the main process; not closed here */
  constructor(client: ApiClient, messages: MessagesState) {
    this.#client = client;
    this.#messages = messages;
  }

  /** @returns the newest plan for a recording, kept while another is made; undefined while there was none */
  of(fileId: string): PlannedOutput | undefined {
    return this.#outputs.get(fileId);
  }

  /**
   * Asks again in a moment; a later call replaces an earlier one.
   * @param folder  the output folder that the main process knows; nothing is asked while there is none
   */
  schedule(fileIds: readonly string[], settings: JobSettings, folder: string): void {
    clearTimeout(this.#timer);
    if (folder === '') return;
    this.#timer = setTimeout(() => void this.ask(fileIds, settings), delayMilliseconds);
  }

  /** Asks now. An answer that was overtaken by a newer question is dropped. */
  async ask(fileIds: readonly string[], settings: JobSettings): Promise<void> {
    if (fileIds.length === 0) return;
    const turn = ++this.#asked;
    try {
      const { outputs } = await this.#client.request('outputs:plan', { fileIds: [...fileIds], settings });
      if (turn !== this.#asked) return;
      // What was not asked for is being written now, under the name that was last said.
      this.#outputs = new Map([
        ...this.#outputs,
        ...outputs.map(({ fileId, output, error }) => [fileId, { output, error }] as const),
      ]);
    } catch (error) {
      if (turn === this.#asked) this.#messages.tellError(error);
    }
  }

  /** Ends the timer. */
  close(): void {
    clearTimeout(this.#timer);
  }
}
