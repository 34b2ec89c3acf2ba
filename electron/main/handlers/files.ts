import { AppError } from '../../contract/app-error.js';
import type { RequestOutput } from '../../contract/channel.js';
import type { WindowContract } from '../../contract/window-contract.js';
import { cancelWork } from './jobs.js';
import { openPaths } from './open-paths.js';
import type { HandlersOf, Services } from './services.js';

/** Recordings come, are read for playback, and go. */
export function fileHandlers(
  services: Services,
): HandlersOf<'files:add' | 'files:choose' | 'file:prepare' | 'file:inspect' | 'file:remove'> {
  const { cache, desktop, engine, files, plans, work } = services;
  return {
    'files:add': async ({ paths }) => {
      const added = await openPaths(
        services,
        paths.filter((path) => files.isGranted(path)),
      );
      const refused = paths.filter((path) => !files.isGranted(path));
      return { ...added, rejected: [...added.rejected, ...refused.map(refusal)] };
    },
    'files:choose': async ({ kind }) => await openPaths(services, await desktop.chooseInputs(kind)),
    'file:prepare': async ({ fileId }) => {
      const known = work.prepared.get(fileId);
      if (known !== undefined) return await known;
      const preparing = prepare(services, fileId);
      work.prepared.set(fileId, preparing);
      try {
        return await preparing;
      } catch (error) {
        // A failure may be over by the next try: the disk was full, the drive was away.
        work.prepared.delete(fileId);
        throw error;
      }
    },
    'file:inspect': async ({ fileId }) => await engine.ask('input:inspect', { path: files.get(fileId).path }),
    'file:remove': async ({ fileId }) => {
      files.remove(fileId);
      cancelWork(services, fileId, ['prepare', 'analyse', 'preview', 'process']);
      // Only when nobody writes there any more can the playback copies be erased.
      await Promise.allSettled([
        work.prepared.get(fileId),
        work.analysed.get(fileId),
        work.activePreviews.get(fileId),
        work.activeJobs.get(fileId),
      ]);
      work.prepared.delete(fileId);
      work.analysed.delete(fileId);
      work.reports.delete(fileId);
      await plans.release(fileId);
      await cache.remove(fileId);
      return {};
    },
  };
}

async function prepare(
  { cache, engine, files, work }: Services,
  fileId: string,
): Promise<RequestOutput<WindowContract, 'file:prepare'>> {
  const { path } = files.get(fileId);
  return await work.preparing.run(fileId, () =>
    // The task begins first, so that a cancellation finds it whatever it is doing.
    work.asTask(fileId, 'prepare', async (taskId) => {
      const cacheFolder = await cache.newFolder(fileId, 'raw');
      try {
        work.throwIfCancelled(taskId);
        const prepared = await engine.ask('input:prepare', { taskId, path, cacheFolder });
        await cache.publish(fileId, 'raw', cacheFolder);
        return prepared;
      } catch (error) {
        await cache.discard(cacheFolder);
        throw error;
      }
    }),
  );
}

function refusal(path: string): { path: string; error: ReturnType<AppError['toData']> } {
  const error = new AppError(
    'INVALID_ARGUMENT',
    `Expected a path that was dropped on the window; ${path} was not. Drop it, or choose it with Open files.`,
  );
  return { path, error: error.toData() };
}
