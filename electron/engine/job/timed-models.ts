import type { ModelHost, ModelSession } from '../models/model-host.js';
import type { BusyClock } from './busy-clock.js';

/** @returns `models`, with the time in which a run is in flight counted as `model` */
export function timedModels(models: ModelHost, clock: BusyClock): ModelHost {
  const timed = (session: ModelSession): ModelSession => ({
    manifest: session.manifest,
    level: session.level,
    sha256: session.sha256,
    run: (inputs, outputs) => clock.time('model', () => session.run(inputs, outputs)),
    release: () => {
      session.release();
    },
  });
  return {
    problems: models.problems,
    list: () => models.list(),
    find: (stage, level) => models.find(stage, level),
    open: async (id, level) => timed(await models.open(id, level)),
    openBeside: async (id, graph) => timed(await models.openBeside(id, graph)),
    weightsOf: (id, level) => models.weightsOf(id, level),
    fileOf: (id, file) => models.fileOf(id, file),
    probesOf: (id) => models.probesOf(id),
    close: () => models.close(),
  };
}
