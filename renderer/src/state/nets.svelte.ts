import type { ApiClient } from '../api/client.js';

/** A level of the enhancer that can be chosen. */
export interface NetLevel {
  readonly id: string;
  /** one line for a person */
  readonly title: string;
}

/** The nets that Enhance can run with. */
export class NetsState {
  readonly #client: ApiClient;
  #levels = $state.raw<readonly NetLevel[]>([]);

  /** @param client  the way to the main process; not closed here */
  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** In the order of the installed models; empty while it is not known. */
  get levels(): readonly NetLevel[] {
    return this.#levels;
  }

  /** Asks what is installed, unless it is known. */
  async load(): Promise<void> {
    if (this.#levels.length > 0) return;
    try {
      const { models } = await this.#client.request('models:list', {});
      const all = models.filter(({ stage }) => stage === 'enhance').flatMap(({ levels }) => levels);
      // Of two models with the same level the engine runs the first.
      const first = all.filter(({ id }, index) => all.findIndex((each) => each.id === id) === index);
      this.#levels = first.map(({ id, title }) => ({ id, title: title ?? id }));
    } catch {
      // The engine says itself why it does not answer; until then the level that was set stays.
    }
  }
}
