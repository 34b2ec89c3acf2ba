import { voiceModelIds, type ModelList } from '../../../electron/contract/model-list.js';
import type { ApiClient } from '../api/client.js';

/** A level of a model that can be chosen. */
export interface NetLevel {
  readonly id: string;
  /** one line for a person */
  readonly title: string;
}

/** The nets that the stages can run with. */
export class NetsState {
  readonly #client: ApiClient;
  #levels = $state.raw<readonly NetLevel[]>([]);
  #voiceLevels = $state.raw<readonly NetLevel[] | null>(null);

  /** @param client  the way to the main process; not closed here */
  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Of the enhancer, in the order of the installed models; empty while it is not known. */
  get levels(): readonly NetLevel[] {
    return this.#levels;
  }

  /** Of the voice stage's encoder; empty where one of the stage's two models is missing, null while it is not known. */
  get voiceLevels(): readonly NetLevel[] | null {
    return this.#voiceLevels;
  }

  /** Asks what is installed, unless it is known. */
  async load(): Promise<void> {
    if (this.#levels.length > 0) return;
    try {
      const { models } = await this.#client.request('models:list', {});
      const all = models.filter(({ stage }) => stage === 'enhance').flatMap(({ levels }) => levels);
      // Of two models with the same level the engine runs the first.
      const first = all.filter(({ id }, index) => all.findIndex((each) => each.id === id) === index);
      this.#levels = first.map(named);
      const levelsOf = (model: string) => models.find(({ id }) => id === model)?.levels ?? [];
      const speaks = levelsOf(voiceModelIds.synthesis).length > 0;
      this.#voiceLevels = speaks ? levelsOf(voiceModelIds.codes).map(named) : [];
    } catch {
      // The engine says itself why it does not answer; until then the level that was set stays.
    }
  }
}

function named({ id, title }: ModelList['models'][number]['levels'][number]): NetLevel {
  return { id, title: title ?? id };
}
