import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModelCatalogue, modelsRoot, type LevelFile } from './manifests.js';
import type { ModelHost, ModelSession } from './model-host.js';
import type { CheckedFile, ModelManifest } from './model-manifest.js';
import { ModelThreadClient } from './model-thread-client.js';
import { readProbes } from './probe-file.js';
import type { ProbeTable } from './probe-table.js';
import { readChecked } from './weights-file.js';

/** How models run in the product. */
export interface ThreadedModelHostOptions {
  /** folder with one folder per model; default see {@link modelsRoot} */
  readonly root?: string;
  /** model threads; one leaves a second core to the engine and the window, more serve jobs side by side */
  readonly threads?: number;
  /** built `model-thread.js`; default: beside the running code, where the build puts it */
  readonly threadFile?: string;
}

interface Slot {
  readonly client: ModelThreadClient;
  openSessions: number;
}

/**
 * Runs models in worker threads, so that ONNX Runtime, which blocks its thread, never blocks the engine.
 * A session lives on the thread with the fewest open ones; a thread keeps what it has loaded until the host is closed.
 */
export class ThreadedModelHost implements ModelHost {
  readonly #catalogue: ModelCatalogue;
  readonly #slots: readonly Slot[];

  /** Starts nothing: a thread starts with its first session. */
  constructor({
    root = modelsRoot(),
    threads = 1,
    threadFile = builtThreadFile(),
  }: ThreadedModelHostOptions = {}) {
    this.#catalogue = ModelCatalogue.read(root);
    this.#slots = Array.from({ length: Math.max(1, threads) }, () => ({
      client: new ModelThreadClient(threadFile),
      openSessions: 0,
    }));
  }

  get problems(): readonly string[] {
    return this.#catalogue.problems;
  }

  list(): readonly ModelManifest[] {
    return this.#catalogue.list();
  }

  find(stage: string, level: string): ModelManifest {
    return this.#catalogue.find(stage, level);
  }

  async open(id: string, level: string): Promise<ModelSession> {
    return await this.#open(this.#catalogue.levelFile(id, level));
  }

  async openBeside(id: string, graph: CheckedFile): Promise<ModelSession> {
    return await this.#open(this.#catalogue.graphBeside(id, graph));
  }

  async #open({ manifest, level, file, sha256 }: LevelFile): Promise<ModelSession> {
    const slot = this.#slots.reduce((least, next) => (next.openSessions < least.openSessions ? next : least));
    slot.openSessions++;
    let released = false;
    const release = (): void => {
      if (!released) slot.openSessions--;
      released = true;
    };
    try {
      await slot.client.request({ file, sha256 }, null);
    } catch (error) {
      release();
      throw error;
    }
    return {
      manifest,
      level,
      sha256,
      run: (inputs, outputs) => slot.client.request({ file, sha256 }, inputs, outputs),
      release,
    };
  }

  async weightsOf(id: string, level: string): Promise<Uint8Array> {
    return await readChecked(this.#catalogue.levelFile(id, level));
  }

  async fileOf(id: string, file: CheckedFile): Promise<Uint8Array> {
    return await readChecked(this.#catalogue.checkedFile(id, file), file.file);
  }

  probesOf(id: string): Promise<ProbeTable> {
    return readProbes(this.#catalogue, id);
  }

  async close(): Promise<void> {
    await Promise.all(this.#slots.map(({ client }) => client.close()));
  }
}

function builtThreadFile(): string {
  return join(dirname(fileURLToPath(import.meta.url)), 'model-thread.js');
}
