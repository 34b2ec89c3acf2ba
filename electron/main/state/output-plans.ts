import { existsSync } from 'node:fs';
import { AppError, type AppErrorData } from '../../contract/app-error.js';
import type { JobSettings } from '../../contract/job.js';
import type { QueuedFile } from '../../contract/window-contract.js';

/** What one recording will be called, or why it cannot be written. */
export interface PlannedOutput {
  readonly fileId: string;
  readonly output: string | null;
  readonly error?: AppErrorData;
}

/** Names outputs without writing anything; `reserved` paths are as good as taken. One answer per input, in order. */
export type NameOutputs = (
  inputs: readonly string[],
  folder: string,
  settings: JobSettings,
  reserved: readonly string[],
) => Promise<readonly { readonly output: string | null; readonly error?: AppErrorData | undefined }[]>;

interface Shown {
  readonly output: string;
  readonly folder: string;
  /** format and names, on which the output's name depends */
  readonly policy: string;
}

/**
 * Keeps the promise that a recording is written under the name that was shown, and that no two jobs of this session
 * ever aim at the same name. Jobs reserve their names while they run.
 */
export class OutputPlans {
  readonly #nameOutputs: NameOutputs;
  readonly #shown = new Map<string, Shown>();
  readonly #reserved = new Map<string, string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(nameOutputs: NameOutputs) {
    this.#nameOutputs = nameOutputs;
  }

  /** @returns the names to show, one per file, in order; a file whose job runs keeps the name it is written to */
  async plan(files: readonly QueuedFile[], folder: string, settings: JobSettings): Promise<PlannedOutput[]> {
    return await this.#inTurn(async () => await this.#plan(files, folder, settings));
  }

  /**
   * Reserves the output of a job until {@link release}: the name that was shown last, unless it is taken by now.
   * @throws AppError as the plan says, e.g. OUTPUT_FOLDER_MISSING
   */
  async reserve(file: QueuedFile, folder: string, settings: JobSettings): Promise<string> {
    return await this.#inTurn(async () => {
      const shown = this.#shown.get(file.fileId);
      let output = shown?.output ?? null;
      const taken = output !== null && (existsSync(output) || this.#taken().includes(output));
      if (taken || shown?.folder !== folder || shown.policy !== policyOf(settings)) output = null;
      if (output === null) {
        const planned = (await this.#plan([file], folder, settings))[0];
        if (planned?.error !== undefined) throw AppError.fromData(planned.error);
        output = planned?.output ?? null;
      }
      if (output === null) throw new AppError('INTERNAL', 'The engine named no output. Please report this.');
      this.#reserved.set(file.fileId, output);
      return output;
    });
  }

  /**
   * Ends a job's reservation and forgets what was shown; a name that was used is a file by now. It waits for a plan that is
   * being made, which would otherwise promise a name to a recording that has left, for as long as the studio is open.
   */
  async release(fileId: string): Promise<void> {
    await this.#inTurn(() => {
      this.#reserved.delete(fileId);
      this.#shown.delete(fileId);
      return Promise.resolve();
    });
  }

  #taken(): string[] {
    return [...this.#reserved.values()];
  }

  /** Names that others than `open` may not get: written to by jobs, or shown for recordings that still wait. */
  #promised(open: readonly QueuedFile[]): string[] {
    const own = new Set(open.map(({ fileId }) => fileId));
    const shown = [...this.#shown].filter(([fileId]) => !own.has(fileId)).map(([, { output }]) => output);
    return [...new Set([...this.#taken(), ...shown])];
  }

  async #plan(files: readonly QueuedFile[], folder: string, settings: JobSettings): Promise<PlannedOutput[]> {
    const open = files.filter((file) => !this.#reserved.has(file.fileId));
    const named =
      open.length === 0
        ? []
        : await this.#nameOutputs(
            open.map((file) => file.path),
            folder,
            settings,
            this.#promised(open),
          );
    const planned = new Map<string, PlannedOutput>();
    for (const [index, file] of open.entries()) {
      const { output = null, error } = named[index] ?? {};
      planned.set(file.fileId, { fileId: file.fileId, output, ...(error === undefined ? {} : { error }) });
      if (output === null) this.#shown.delete(file.fileId);
      else this.#shown.set(file.fileId, { output, folder, policy: policyOf(settings) });
    }
    return files.map(
      ({ fileId }) => planned.get(fileId) ?? { fileId, output: this.#reserved.get(fileId) ?? null },
    );
  }

  /** One plan after the other, so that two jobs that start together see each other's reservation. */
  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }
}

function policyOf(settings: JobSettings): string {
  return JSON.stringify([settings.export.format, settings.export.names]);
}
