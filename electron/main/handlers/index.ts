import type { Handlers } from '../../contract/channel.js';
import type { WindowContract } from '../../contract/window-contract.js';
import { analysisHandlers } from './analysis.js';
import { appHandlers } from './app.js';
import { fileHandlers } from './files.js';
import { jobHandlers } from './jobs.js';
import { modelHandlers } from './models.js';
import { outputHandlers } from './output.js';
import { previewHandlers } from './previews.js';
import type { Services } from './services.js';

/** @returns the answers to the whole window contract */
export function createHandlers(services: Services): Handlers<WindowContract> {
  return {
    ...analysisHandlers(services),
    ...appHandlers(services),
    ...fileHandlers(services),
    ...jobHandlers(services),
    ...modelHandlers(services),
    ...outputHandlers(services),
    ...previewHandlers(services),
  };
}
