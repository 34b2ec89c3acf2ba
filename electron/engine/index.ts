// An engine of its own: Electron's utility process, or a thread of the command line. Answers the engine contract until it is ended.
import { isMainThread, parentPort as threadPort } from 'node:worker_threads';
import { dataFolder } from './job/data-folder.js';
import { NameMapping } from './job/name-mapping.js';
import { disableOrtTelemetry } from './models/ort-telemetry.js';
import { ThreadedModelHost } from './models/threaded-model-host.js';
import { engineHandlers } from './server/engine-handlers.js';
import { messagePort, utilityPort, type EnginePort, type UtilityParentPort } from './server/engine-port.js';
import { eventPoster, serveEngine } from './server/serve-engine.js';
import { TaskSet } from './server/task-set.js';

if (isMainThread) disableOrtTelemetry();
const port = connect();
const models = new ThreadedModelHost();
const tasks = new TaskSet();
// Whoever starts a thread notes the names of all threads together.
const names = isMainThread ? new NameMapping(dataFolder(process.env, process.platform)) : null;
serveEngine(port, engineHandlers({ models, tasks, names, post: eventPoster(port) }));

if (isMainThread) for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end());

function connect(): EnginePort {
  if (!isMainThread && threadPort !== null) return messagePort(threadPort);
  const { parentPort } = process as { parentPort?: UtilityParentPort };
  if (parentPort !== undefined) return utilityPort(parentPort);
  throw new Error('The engine is started by Electron or by the command line, not by itself.');
}

/** Half-written files and child programs must not outlive the engine. */
async function end(): Promise<void> {
  await tasks.cancelAll();
  await models.close();
  process.exit(0);
}
