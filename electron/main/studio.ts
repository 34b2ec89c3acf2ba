import { availableParallelism } from 'node:os';
import { app, type Session } from 'electron';
import type { EventName, EventPayload } from '../contract/channel.js';
import type { Preset } from '../contract/preset.js';
import type { AppSettings, WindowContract } from '../contract/window-contract.js';
import { EngineHost } from './engine-host/engine-host.js';
import { forkEngine } from './engine-host/utility-engine.js';
import { createHandlers } from './handlers/index.js';
import { openPaths } from './handlers/open-paths.js';
import type { Desktop, Services } from './handlers/services.js';
import { openIpc } from './ipc.js';
import type { Log } from './log.js';
import type { AppPaths } from './paths.js';
import { serveApp } from './protocol/app-protocol.js';
import { removeDeadParts } from './state/dead-parts.js';
import { FileRegistry } from './state/file-registry.js';
import { OutputFolder } from './state/output-folder.js';
import { OutputPlans } from './state/output-plans.js';
import { readPresets } from './state/presets.js';
import { SessionCache } from './state/session-cache.js';
import { SettingsStore } from './state/settings-store.js';
import { Work, type Batch } from './state/work.js';

/** What the studio needs of the app around it. */
export interface StudioOptions {
  readonly paths: AppPaths;
  readonly session: Session;
  readonly desktop: Desktop;
  /** recordings and folders named on the command line, absolute */
  readonly startPaths: readonly string[];
  /** the page that may ask and that hears the events */
  readonly page: () => Electron.WebContents | null;
  readonly emit: <N extends EventName<WindowContract>>(
    name: N,
    payload: EventPayload<WindowContract, N>,
  ) => void;
  readonly onBatchDone: (batch: Batch) => void;
  readonly log: Log;
}

/** Everything behind the window: engine, queue, settings, playback copies. */
export interface Studio {
  /** jobs that run or wait */
  readonly jobs: () => number;
  /** Opens recordings that come from outside while the app runs. */
  open(paths: readonly string[]): Promise<void>;
  /** Stops the engine and erases the playback copies. Nothing works afterwards. */
  close(): Promise<void>;
}

/** Puts the parts together and opens the protocol and the door to the window. */
export async function openStudio(options: StudioOptions): Promise<Studio> {
  const { paths, emit } = options;
  const log = options.log.info;
  const cache = await SessionCache.open(paths.sessions);
  const presets = await readPresets(paths.presets, log);
  const settings = await SettingsStore.open(paths.settingsFile, defaultSettings(presets));
  const files = new FileRegistry();
  // A job uses more than one core itself; a second one would only make the first slower on a small machine.
  const jobs = availableParallelism() > 4 ? 2 : 1;
  const work = new Work({ jobs, preparing: 2 }, options.onBatchDone);
  const outputFolder = new OutputFolder(settings, paths.defaultOutput, paths.forcedOutput);
  // What an engine that was killed had begun to write, now or in an earlier session.
  const sweep = (deadPid: number | null): void => {
    void removeDeadParts(outputFolder.path, deadPid).then((count) => {
      if (count > 0) log(`output: erased ${String(count)} unfinished`);
    });
  };
  sweep(null);
  const engine = new EngineHost({
    // What the engine prints may name recordings.
    start: () => forkEngine(paths.engineScript, paths.data, options.log.debug),
    onCondition: (condition) => {
      log(`engine: ${condition.state}`);
      emit('engine:state', condition);
    },
    onDeath: sweep,
    onProgress: ({ taskId, progress }) => {
      const fileId = work.fileOf(taskId);
      if (fileId !== null) emit('file:progress', { fileId, progress });
    },
    log,
  });
  const services: Services = {
    version: app.getVersion(),
    presets,
    engine,
    desktop: options.desktop,
    files,
    cache,
    settings,
    outputFolder,
    plans: new OutputPlans(async (inputs, folder, jobSettings, reserved) => {
      const request = {
        inputs: [...inputs],
        folder,
        settings: jobSettings,
        overwrite: false,
        reserved: [...reserved],
      };
      return (await engine.ask('outputs:plan', request)).outputs;
    }),
    work,
    startPaths: [...options.startPaths],
    emit,
  };
  serveApp(options.session, paths.page, (fileId, kind) => cache.locate(fileId, kind));
  openIpc({
    handlers: createHandlers(services),
    window: options.page,
    onDropped: (path) => {
      files.grant(path);
    },
    log,
  });
  engine.start();
  return {
    // A preview that is lost costs nothing, so nobody is asked about it.
    jobs: () => work.activeJobs.size,
    open: async (named) => {
      const added = await openPaths(services, named);
      if (added.files.length + added.rejected.length > 0) emit('files:opened', added);
    },
    close: async () => {
      await engine.stop();
      await cache.erase();
    },
  };
}

function defaultSettings(presets: readonly Preset[]): AppSettings {
  const preset = presets.find(({ id }) => id === 'clean-only');
  const { chain, export: policy } = preset ?? {
    chain: {},
    export: { format: 'same', names: 'neutral' } as const,
  };
  return { schema: 'sotto.settings/1', job: { chain, export: policy }, volume: 0.7, loudnessMatch: true };
}
