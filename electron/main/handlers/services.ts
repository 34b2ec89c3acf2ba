import type {
  EventName,
  EventPayload,
  Handlers,
  RequestInput,
  RequestName,
  RequestOutput,
} from '../../contract/channel.js';
import type { EngineContract } from '../../contract/engine-contract.js';
import type { Preset } from '../../contract/preset.js';
import type { WindowContract } from '../../contract/window-contract.js';
import type { FileRegistry } from '../state/file-registry.js';
import type { OutputFolder } from '../state/output-folder.js';
import type { OutputPlans } from '../state/output-plans.js';
import type { SessionCache } from '../state/session-cache.js';
import type { SettingsStore } from '../state/settings-store.js';
import type { Work } from '../state/work.js';

/** The engine as handlers see it. */
export interface Engine {
  readonly condition: EventPayload<WindowContract, 'engine:state'>;
  ask<N extends RequestName<EngineContract>>(
    name: N,
    input: RequestInput<EngineContract, N>,
  ): Promise<RequestOutput<EngineContract, N>>;
  cancel(taskId: string): void;
}

/** The system's dialogs and file manager. */
export interface Desktop {
  /** @returns absolute paths; none when the user changes their mind */
  chooseInputs(kind: 'files' | 'folder'): Promise<string[]>;
  /** @returns null when the user changes their mind */
  chooseOutputFolder(current: string): Promise<string | null>;
  selectInFolder(path: string): void;
  /** @throws AppError OUTPUT_FOLDER_MISSING */
  openFolder(path: string): Promise<void>;
}

/** Everything the handlers work with; made once when the app starts. */
export interface Services {
  readonly version: string;
  readonly presets: readonly Preset[];
  readonly engine: Engine;
  readonly desktop: Desktop;
  readonly files: FileRegistry;
  readonly cache: SessionCache;
  readonly settings: SettingsStore;
  readonly outputFolder: OutputFolder;
  readonly plans: OutputPlans;
  readonly work: Work;
  /** paths named when the app was started; each is opened once */
  readonly startPaths: string[];
  emit<N extends EventName<WindowContract>>(name: N, payload: EventPayload<WindowContract, N>): void;
}

/** The handlers of one file: the part of the contract that begins with these names. */
export type HandlersOf<N extends RequestName<WindowContract>> = Pick<Handlers<WindowContract>, N>;
