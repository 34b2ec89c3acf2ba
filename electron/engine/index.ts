// The engine as Electron's utility process: answers the engine contract until it is told to end.
import { dataFolder } from './job/data-folder.js';
import { NameMapping } from './job/name-mapping.js';
import { ThreadedModelHost } from './models/threaded-model-host.js';
import { engineHandlers } from './server/engine-handlers.js';
import { utilityPort, type UtilityParentPort } from './server/engine-port.js';
import { eventPoster, serveEngine } from './server/serve-engine.js';
import { TaskSet } from './server/task-set.js';

const { parentPort } = process as { parentPort?: UtilityParentPort };
if (parentPort === undefined) throw new Error('The engine is started by Electron; use the command line instead.');

const port = utilityPort(parentPort);
const models = new ThreadedModelHost();
const tasks = new TaskSet();
const names = new NameMapping(dataFolder(process.env, process.platform));
serveEngine(port, engineHandlers({ models, tasks, names, post: eventPoster(port) }));

/** Half-written files and child programs must not outlive the engine. */
async function end(): Promise<void> {
  await tasks.cancelAll();
  await models.close();
  process.exit(0);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end());
