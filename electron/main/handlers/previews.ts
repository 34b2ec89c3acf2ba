import { AppError } from '../../contract/app-error.js';
import type { ParsedInput } from '../../contract/channel.js';
import type { Preview } from '../../contract/preview.js';
import type { WindowContract } from '../../contract/window-contract.js';
import { cancelWork } from './jobs.js';
import type { HandlersOf, Services } from './services.js';

/** A stretch through the chain before anything is exported. */
export function previewHandlers(services: Services): HandlersOf<'preview:start' | 'preview:cancel'> {
  const { files, work } = services;
  return {
    'preview:start': async (wish) => {
      const { name } = files.get(wish.fileId);
      if (work.activePreviews.has(wish.fileId)) {
        const message = `A preview of ${name} is already being rendered. Wait for it, or cancel it.`;
        throw new AppError('INVALID_ARGUMENT', message);
      }
      return await work.runPreview(wish.fileId, () => render(services, name, wish));
    },
    'preview:cancel': ({ fileId }) => {
      cancelWork(services, fileId, ['preview']);
      return Promise.resolve({});
    },
  };
}

async function render(
  { cache, engine, work }: Services,
  name: string,
  { fileId, stretch, chain }: ParsedInput<WindowContract, 'preview:start'>,
): Promise<Preview> {
  // The task begins first, so that a cancellation finds it whatever it is doing.
  return await work.asTask(fileId, 'preview', async (taskId) => {
    const prepared = await work.prepared.get(fileId);
    const source = cache.locate(fileId, 'raw.pcm');
    if (prepared === undefined || source === null) {
      const message = `Expected ${name} to be decoded for playback; it is not yet. Wait for its waveform, then preview again.`;
      throw new AppError('INVALID_ARGUMENT', message);
    }
    const cacheFolder = await cache.newFolder(fileId, 'preview');
    try {
      work.throwIfCancelled(taskId);
      const { playback } = prepared;
      const request = { taskId, source, playback, stretch, chain, cacheFolder };
      const preview = await engine.ask('preview:render', request);
      await cache.publish(fileId, 'preview', cacheFolder);
      return preview;
    } catch (error) {
      await cache.discard(cacheFolder);
      throw error;
    }
  });
}
