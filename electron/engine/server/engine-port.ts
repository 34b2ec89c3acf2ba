import type { MessagePort } from 'node:worker_threads';
import type { EngineMessage } from '../../contract/wire.js';

/** The engine's one connection: Electron's parent port in the app, a `MessagePort` under plain Node. */
export interface EnginePort {
  /** @throws Error when the message holds something that cannot be cloned */
  post(message: EngineMessage): void;
  /** One listener for the whole life of the port. Messages that came before it are delivered to it. */
  onMessage(listener: (message: unknown) => void): void;
}

/** What Electron gives a utility process; typed here because the engine must not import Electron. */
export interface UtilityParentPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  postMessage(message: unknown): void;
}

/** @returns the engine's side of Electron's parent port, whose messages arrive wrapped in events */
export function utilityPort(parentPort: UtilityParentPort): EnginePort {
  return {
    post: (message) => {
      parentPort.postMessage(message);
    },
    onMessage: (listener) => {
      parentPort.on('message', (event) => {
        listener(event.data);
      });
    },
  };
}

/** @returns the engine's side of a plain message channel */
export function messagePort(port: MessagePort): EnginePort {
  return {
    post: (message) => {
      port.postMessage(message);
    },
    onMessage: (listener) => {
      port.on('message', listener);
    },
  };
}
