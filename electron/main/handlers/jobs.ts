import { AppError } from '../../contract/app-error.js';
import type { RequestOutput } from '../../contract/channel.js';
import type { JobSettings } from '../../contract/job.js';
import type { QueuedFile, WindowContract } from '../../contract/window-contract.js';
import type { TaskKind } from '../state/work.js';
import type { HandlersOf, Services } from './services.js';

type JobAnswer = RequestOutput<WindowContract, 'job:start'>;

/** Names of results, and the jobs that make them. */
export function jobHandlers(
  services: Services,
): HandlersOf<'outputs:plan' | 'job:start' | 'job:cancel' | 'report:share'> {
  const { engine, files, outputFolder, plans, work } = services;
  return {
    'outputs:plan': async ({ fileIds, settings }) => {
      await outputFolder.ensure();
      // Asked for last: whoever leaves the queue from here on releases the name behind this plan.
      const planned = fileIds.map((fileId) => files.get(fileId));
      return { outputs: await plans.plan(planned, outputFolder.path, settings) };
    },
    'job:start': async ({ fileId, settings }) => {
      const file = files.get(fileId);
      if (work.activeJobs.has(fileId)) {
        throw new AppError(
          'INVALID_ARGUMENT',
          `${file.name} is already being processed. Wait for it, or cancel it.`,
        );
      }
      const job = work.jobs.run(fileId, () =>
        work.asTask(fileId, 'process', (taskId) => runJob(services, file, settings, taskId)),
      );
      work.activeJobs.set(fileId, job);
      try {
        return await job;
      } finally {
        work.activeJobs.delete(fileId);
      }
    },
    'job:cancel': ({ fileId }) => {
      // Lanes are no part of an export: whoever stops one still wants to see them.
      cancelWork(services, fileId, ['prepare', 'process']);
      return Promise.resolve({});
    },
    'report:share': async () => {
      const reports = [...work.reports.values()];
      if (reports.length === 0) return { path: null };
      return await engine.ask('report:share', { folder: outputFolder.path, files: reports });
    },
  };
}

/** Ends whatever of these kinds waits or runs for a recording; whoever waits for it gets CANCELLED. */
export function cancelWork(
  { engine, work }: Pick<Services, 'engine' | 'work'>,
  fileId: string,
  kinds: readonly TaskKind[],
): void {
  for (const taskId of work.cancel(fileId, kinds)) engine.cancel(taskId);
}

async function runJob(
  services: Services,
  file: QueuedFile,
  settings: JobSettings,
  taskId: string,
): Promise<JobAnswer> {
  const { work } = services;
  let answer = await tryJob(services, file, settings, taskId);
  if (answer.report.error?.code === 'OUTPUT_EXISTS') {
    // Somebody took the name while the job ran: another program, or this very job, if the engine died after it had
    // written the file and before it could say so. Nothing is overwritten; the next free name is taken.
    answer = withFinding(await tryJob(services, file, settings, taskId), answer.report.error.message);
  }
  work.finish(file.fileId, answer.report);
  return answer;
}

function withFinding(answer: JobAnswer, reason: string): JobAnswer {
  const message = `Written under the next free name, because the first one was taken meanwhile. ${reason}`;
  const warnings = [...(answer.report.warnings ?? []), { code: 'OUTPUT_RENAMED', message }];
  return { ...answer, report: { ...answer.report, warnings } };
}

async function tryJob(
  { cache, engine, outputFolder, plans, work }: Services,
  file: QueuedFile,
  settings: JobSettings,
  taskId: string,
): Promise<JobAnswer> {
  const { fileId } = file;
  let output: string;
  try {
    await outputFolder.ensure();
    output = await plans.reserve(file, outputFolder.path, settings);
  } catch (error) {
    const problem = AppError.from(error);
    if (problem.code === 'CANCELLED') throw problem;
    // A recording that cannot be written has a report like any other.
    const report = { input: file.path, output: null, status: 'failed', error: problem.toData() } as const;
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
    return answer;
  } catch (error) {
    if (cacheFolder !== null) await cache.discard(cacheFolder);
    throw error;
  } finally {
    await plans.release(fileId);
  }
}
