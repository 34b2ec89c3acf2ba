import { ModelCatalogue, modelsRoot, type LevelFile } from './manifests.js';
import type { ModelHost, ModelSession } from './model-host.js';
import type { CheckedFile, ModelManifest } from './model-manifest.js';
import { openOrtSession, type OrtSession } from './ort.js';
import { readProbes } from './probe-file.js';
import type { ProbeTable } from './probe-table.js';
import { readChecked } from './weights-file.js';

/**
 * Runs models on the calling thread, which they block. For tests and one-off checks; the product uses the threaded host.
 */
export class DirectModelHost implements ModelHost {
  readonly #catalogue: ModelCatalogue;
  readonly #sessions = new Map<string, Promise<OrtSession>>();

  /** @param root  folder with one folder per model, see {@link modelsRoot} */
  constructor(root = modelsRoot()) {
    this.#catalogue = ModelCatalogue.read(root);
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

  async #open({ manifest, level, sha256, file }: LevelFile): Promise<ModelSession> {
    // The hash stands for the content, as in a model thread.
    const key = `${sha256} ${file}`;
    const opening = this.#sessions.get(key) ?? openOrtSession({ file, sha256 });
    this.#sessions.set(key, opening);
    try {
      const session = await opening;
      return {
        manifest,
        level,
        sha256,
        run: (inputs, outputs) => session.run(inputs, outputs),
        release: () => undefined,
      };
    } catch (error) {
      this.#sessions.delete(key);
      throw error;
    }
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
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await (await session).release();
  }
}
