import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../contract/app-error.js';
import type { FileReport } from '../../contract/report.js';
import { FileRegistry } from '../state/file-registry.js';
import { OutputFolder } from '../state/output-folder.js';
import { OutputPlans } from '../state/output-plans.js';
import { SessionCache } from '../state/session-cache.js';
import { SettingsStore } from '../state/settings-store.js';
import { Work, type Batch } from '../state/work.js';
import type { Desktop, Engine, Services } from './services.js';

/** One question that a test answers when it likes. */
export interface Asked {
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
}

/** Settings of a job that runs no stage. */
export const plainJob = { chain: {}, export: { format: 'wav24', names: 'neutral' } } as const;

/** Facts of a playback copy, as the engine answers them. */
export const playback = { sampleRateHz: 48_000, channels: 1, sampleFrames: 48_000, samplesPerPeak: 256 };

/** Services on a temporary folder, with an engine whose answers the test gives and a desktop that chooses what it is told. */
export class FakeStudio {
  readonly folder: string;
  readonly asked: Asked[] = [];
  readonly cancelled: string[] = [];
  readonly emitted: [string, unknown][] = [];
  readonly batches: Batch[] = [];
  readonly selected: string[] = [];
  chosen: string[] = [];
  readonly services: Services;

  private constructor(folder: string, cache: SessionCache, settings: SettingsStore) {
    this.folder = folder;
    const engine: Engine = {
      condition: { state: 'ready', message: null },
      ask: (name, input) =>
        new Promise((resolve, reject) => {
          this.asked.push({ name, input, resolve: resolve as (value: unknown) => void, reject });
        }),
      cancel: (taskId) => this.cancelled.push(taskId),
    };
    const desktop: Desktop = {
      chooseInputs: () => Promise.resolve(this.chosen),
      chooseOutputFolder: () => Promise.resolve(this.chosen[0] ?? null),
      selectInFolder: (path) => this.selected.push(path),
      openFolder: (path) => Promise.resolve(void this.selected.push(path)),
    };
    this.services = {
      version: '1.2.3',
      presets: [],
      engine,
      desktop,
      files: new FileRegistry(),
      cache,
      settings,
      outputFolder: new OutputFolder(settings, join(folder, 'out'), null),
      plans: new OutputPlans((inputs, into) => {
        const free = Array.from({ length: 9 }, (_, index) =>
          join(into, `sanitised-${String(index + 1)}.wav`),
        );
        return Promise.resolve(
          free
            .filter((path) => !existsSync(path))
            .slice(0, inputs.length)
            .map((output) => ({ output })),
        );
      }),
      work: new Work({ jobs: 1, preparing: 1 }, (batch) => this.batches.push(batch)),
      startPaths: [],
      emit: (name, payload) => this.emitted.push([name, payload]),
    };
  }

  static async open(): Promise<FakeStudio> {
    const folder = await mkdtemp(join(tmpdir(), 'sotto-handlers-'));
    const cache = await SessionCache.open(join(folder, 'sessions'));
    const settings = await SettingsStore.open(join(folder, 'settings.json'), {
      schema: 'sotto.settings/1',
      job: plainJob,
      volume: 0.5,
      loudnessMatch: true,
    });
    return new FakeStudio(folder, cache, settings);
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }

  /** Creates a file; `name` tells it from others. */
  async file(name: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, 'sound');
    return path;
  }

  /** @returns the id of a recording that is already in the queue */
  async queued(name: string): Promise<string> {
    return this.services.files.add(await this.file(name), 5).fileId;
  }

  /** Waits until the engine has been asked `count` times. */
  async askedTimes(count: number): Promise<Asked> {
    for (let tries = 0; this.asked.length < count; tries += 1) {
      if (tries > 400) throw new Error(`asked ${String(this.asked.length)} times, not ${String(count)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const last = this.asked[count - 1];
    if (last === undefined) throw new Error('nothing was asked');
    return last;
  }

  /** @returns a report that the engine could give for `input` */
  done(asked: Asked): { report: FileReport; playback: typeof playback } {
    const { input, output } = asked.input;
    return { report: { input: String(input), output: String(output), status: 'done' }, playback };
  }
}

/** What the engine answers when a task is cancelled. */
export const cancelled = new AppError('CANCELLED', 'Cancelled.');
