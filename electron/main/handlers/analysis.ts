import type { LanesFacts } from '../../contract/lanes.js';
import type { HandlersOf, Services } from './services.js';

/** What the enhancer's net tells about a recording, and the net itself for whoever listens live. */
export function analysisHandlers(services: Services): HandlersOf<'file:analyse' | 'live:weights'> {
  const { engine, work } = services;
  return {
    'file:analyse': async ({ fileId }) => {
      const known = work.analysed.get(fileId);
      if (known !== undefined) return await known;
      const analysing = analyse(services, fileId);
      work.analysed.set(fileId, analysing);
      try {
        return await analysing;
      } catch (error) {
        // A failure may be over by the next try: it was cancelled, the drive was away.
        work.analysed.delete(fileId);
        throw error;
      }
    },
    'live:weights': async ({ level }) => await engine.ask('frame-weights', { level }),
  };
}

async function analyse({ cache, engine, files, work }: Services, fileId: string): Promise<LanesFacts> {
  const { path } = files.get(fileId);
  return await work.analysing.run(fileId, () =>
    // The task begins first, so that a cancellation finds it whatever it is doing.
    work.asTask(fileId, 'analyse', async (taskId) => {
      const cacheFolder = await cache.newFolder(fileId, 'lanes');
      try {
        work.throwIfCancelled(taskId);
        const facts = await engine.ask('input:analyse', { taskId, path, cacheFolder });
        await cache.publish(fileId, 'lanes', cacheFolder);
        return facts;
      } catch (error) {
        await cache.discard(cacheFolder);
        throw error;
      }
    }),
  );
}
