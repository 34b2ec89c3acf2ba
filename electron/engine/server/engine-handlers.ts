import { AppError } from '../../contract/app-error.js';
import type { Handlers } from '../../contract/channel.js';
import type { EngineContract } from '../../contract/engine-contract.js';
import type { FileReport } from '../../contract/report.js';
import { lanesFacts } from '../analysis/lane-summary.js';
import { openLaneNet } from '../analysis/open-lane-net.js';
import { inspect } from '../io/inspect/inspect.js';
import { expandInputs } from '../io/reading/expand-inputs.js';
import { analyseInput } from '../job/analyse-input.js';
import { frameWeights } from '../job/frame-weights.js';
import { writeLanesFile } from '../job/lanes-file.js';
import { modelList } from '../job/model-list.js';
import type { NameMapping } from '../job/name-mapping.js';
import { planOutputs } from '../job/plan.js';
import { prepareInput } from '../job/prepare.js';
import type { ProgressListener } from '../job/progress-meter.js';
import { renderPreview } from '../job/render-preview.js';
import { writeShareableReport } from '../job/report-files.js';
import { runJob } from '../job/run-job.js';
import type { ModelHost } from '../models/model-host.js';
import { checkChain } from '../processors/chain.js';
import type { PostEvent } from './serve-engine.js';
import type { TaskSet } from './task-set.js';
import { throttled } from './throttle.js';

/** What the handlers work with. */
export interface EngineServices {
  readonly models: ModelHost;
  readonly tasks: TaskSet;
  /** which neutral name belongs to whom, for this session; null when somebody else notes it */
  readonly names: NameMapping | null;
  readonly post: PostEvent;
}

/** @returns the answers to the whole engine contract */
export function engineHandlers({ models, tasks, names, post }: EngineServices): Handlers<EngineContract> {
  const progressOf = (taskId: string): ProgressListener =>
    throttled((progress) => {
      post('task:progress', { taskId, progress });
    });
  return {
    'inputs:expand': ({ paths }) => expandInputs(paths),
    'input:inspect': ({ path }) => inspect(path),
    'input:prepare': ({ taskId, path, cacheFolder }) =>
      tasks.run(taskId, (signal) =>
        prepareInput({ path, cacheFolder, signal, onProgress: progressOf(taskId) }),
      ),
    'input:analyse': ({ taskId, path, cacheFolder }) =>
      tasks.run(taskId, async (signal) => {
        const net = await openLaneNet(models);
        const { lanes } = await analyseInput({ path, signal, onProgress: progressOf(taskId) }, net);
        await writeLanesFile(cacheFolder, lanes);
        return lanesFacts(lanes);
      }),
    'outputs:plan': async ({ reserved, ...request }) => {
      const plans = await planOutputs({ ...request, reserved: reserved ?? [] });
      return {
        outputs: plans.map(({ input, output, error }) => ({
          input,
          output,
          ...(error === null ? {} : { error: error.toData() }),
        })),
      };
    },
    'job:run': ({ taskId, ...request }) =>
      tasks.run(taskId, async (signal) => {
        const result = await runJob({ ...request, signal, onProgress: progressOf(taskId) }, { models });
        return names !== null && request.settings.export.names === 'neutral'
          ? { ...result, report: await noteName(result.report, names) }
          : result;
      }),
    'preview:render': ({ taskId, ...request }) =>
      tasks.run(taskId, (signal) =>
        renderPreview({ ...request, signal, onProgress: progressOf(taskId) }, models),
      ),
    'report:share': async ({ folder, files }) => ({
      path: await writeShareableReport(folder, files, false),
    }),
    'task:cancel': ({ taskId }) => {
      tasks.cancel(taskId);
      return Promise.resolve({});
    },
    'frame-weights': ({ level }) => frameWeights(models, level),
    'models:list': () => Promise.resolve(modelList(models)),
    'chain:check': ({ chain }) => {
      checkChain(chain, models);
      return Promise.resolve({});
    },
  };
}

/** The exported file is there whatever becomes of the note; its owner must know when there is none. */
async function noteName(report: FileReport, names: NameMapping): Promise<FileReport> {
  if (report.status !== 'done' || report.output === null) return report;
  try {
    await names.add(report.input, report.output);
    return report;
  } catch (error) {
    const { message } = AppError.from(error);
    const finding = {
      code: 'NAME_NOT_NOTED',
      message: `Which result belongs to this recording could not be noted. ${message}`,
    };
    return { ...report, warnings: [...(report.warnings ?? []), finding] };
  }
}
