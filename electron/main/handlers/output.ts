import { existsSync } from 'node:fs';
import { AppError } from '../../contract/app-error.js';
import type { HandlersOf, Services } from './services.js';

/** Where results go, and the way to see them there. */
export function outputHandlers(services: Services): HandlersOf<'output:choose' | 'output:reveal'> {
  const { desktop, outputFolder, work } = services;
  return {
    'output:choose': async () => {
      const chosen = await desktop.chooseOutputFolder(outputFolder.path);
      if (chosen !== null) await outputFolder.choose(chosen);
      return outputFolder.state;
    },
    'output:reveal': async ({ fileId }) => {
      if (fileId === null) {
        await outputFolder.ensure();
        await desktop.openFolder(outputFolder.path);
        return {};
      }
      const output = work.reports.get(fileId)?.output ?? null;
      if (output === null || !existsSync(output)) {
        const message =
          'Expected the result of this recording; it is not there. Process the recording again.';
        throw new AppError('INVALID_ARGUMENT', message, { fileId });
      }
      desktop.selectInFolder(output);
      return {};
    },
  };
}
