import type { Answer, Contract } from '../contract/channel.js';
import type { WindowApi } from '../contract/window-contract.js';

/** What Electron gives the preload, as far as the contract needs it. */
export interface Bridge {
  invoke(name: string, input: unknown): Promise<unknown>;
  /** @returns a function that ends the subscription */
  subscribe(listener: (name: unknown, payload: unknown) => void): () => void;
  /** @returns path of a file that the user dropped; empty for a file that a script made */
  pathOf(file: unknown): string;
  dropped(path: string): void;
}

/**
 * Builds `window.api`: requests and events of the contract and nothing else.
 * `request` resolves with an `Answer`, also for errors, because the bridge strips errors of everything but their message.
 */
export function createWindowApi(contract: Contract, bridge: Bridge): WindowApi {
  return {
    request: (name, input) => {
      if (Object.hasOwn(contract.requests, name)) return bridge.invoke(name, input);
      return Promise.resolve(unknownName(name));
    },
    on: (name, listener) => {
      if (!Object.hasOwn(contract.events, name)) throw new Error(`Sotto has no event "${name}".`);
      return bridge.subscribe((heard, payload) => {
        if (heard === name) listener(payload);
      });
    },
    pathOf: (file) => {
      const path = bridge.pathOf(file);
      // Main opens only what the user chose; this is how it learns of a drop.
      if (path !== '') bridge.dropped(path);
      return path;
    },
  };
}

function unknownName(name: string): Answer {
  return { ok: false, error: { code: 'INVALID_ARGUMENT', message: `Sotto has no request "${name}".` } };
}
