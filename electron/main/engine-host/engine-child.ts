import type { WireRequest } from '../../contract/wire.js';

/** The engine's process as its host sees it; a fake stands in for it in tests. */
export interface EngineChild {
  /** process id, also after its end; null before it has one */
  readonly pid: number | null;
  post(message: WireRequest): void;
  /** @param listener gets whatever the process posts; not yet validated */
  onMessage(listener: (message: unknown) => void): void;
  /** @param listener is called once, after the last message; `reason` is for the log */
  onExit(listener: (reason: string) => void): void;
  /** Asks the process to end. */
  terminate(): void;
  /** Ends the process at once. */
  kill(): void;
}
