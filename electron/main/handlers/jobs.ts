import { AppError } from '../../contract/app-error.js';
import type { RequestOutput } from '../../contract/channel.js';
import type { JobSettings } from '../../contract/job.js';
import type { QueuedFile, WindowContract } from '../../contract/window-contract.js';
import type { HandlersOf, Services } from './services.js';

type JobAnswer = RequestOutput<WindowContract, 'job:start'>;

/** Names of results, and the jobs that make them. */
export function jobHandlers(
  services: Services,
): HandlersOf<'outputs:plan' | 'job:start' | 'job:cancel' | 'report:share'> {
  const { engine, files, outputFolder, plans, work } = services;
  return {
    'outputs:plan': async ({ fileIds, settings }) => ({
      outputs: await plans.plan(
        fileIds.map((fileId) => files.get(fileId)),
        outputFolder.path,
        settings,
      ),
    }),
    'job:start': async ({ fileId, settings }) => {
      const file = files.get(fileId);
      if (work.activeJobs.has(fileId)) {
        throw new AppError(
          'INVALID_ARGUMENT',
          `${file.name} is already being processed. Wait for it, or cancel it.`,
        );
      }
      const job = work.jobs.run(fileId, () =>
        work.asTask(fileId, (taskId) => runJob(services, file, settings, taskId)),
      );
      work.activeJobs.set(fileId, job);
      try {
        return await job;
      } finally {
        work.activeJobs.delete(fileId);
      }
    },
    'job:cancel': ({ fileId }) => {
      cancelFile(services, fileId);
      return Promise.resolve({});
    },
    'report:share': async () => {
      const reports = [...work.reports.values()];
      if (reports.length === 0) return { path: null };
      return await engine.ask('report:share', { folder: outputFolder.path, files: reports });
    },
  };
}

/** Ends whatever waits or runs for a recording; whoever waits for it gets CANCELLED. */
export function cancelFile({ engine, work }: Pick<Services, 'engine' | 'work'>, fileId: string): void {
  for (const taskId of work.cancel(fileId)) engine.cancel(taskId);
}

async function runJob(
  services: Services,
  file: QueuedFile,
  settings: JobSettings,
  taskId: string,
): Promise<JobAnswer> {
  const { cache, engine, outputFolder, plans, work } = services;
  const { fileId } = file;
  let output: string;
  try {
    await outputFolder.ensure();
    output = await plans.reserve(file, outputFolder.path, settings);
  } catch (error) {
    const problem = AppError.from(error);
    if (problem.code === 'CANCELLED') throw problem;
    // A recording that cannot be written has a report like any other.
    const report = {
      input: file.path,
      output: null,
      status: 'failed',
      error: problem.toData(),
    } as const;
    work.finish(fileId, report);
    return { report, playback: null };
  }
  let cacheFolder: string | null = null;
  try {
    cacheFolder = await cache.newFolder(fileId, 'result');
    work.throwIfCancelled(taskId);
    const request = { taskId, input: file.path, output, overwrite: false, settings, cacheFolder };
    const answer = await engine.ask('job:run', request);
    if (answer.playback === null) await cache.discard(cacheFolder);
    else await cache.publish(fileId, 'result', cacheFolder);
    work.finish(fileId, answer.report);
    return answer;
  } catch (error) {
    if (cacheFolder !== null) await cache.discard(cacheFolder);
    throw error;
  } finally {
    plans.release(fileId);
  }
}
