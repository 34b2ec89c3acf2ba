import { openPaths } from './open-paths.js';
import type { HandlersOf, Services } from './services.js';

/** State of the app as the window shows it first, and its settings. */
export function appHandlers(services: Services): HandlersOf<'app:state' | 'settings:save'> {
  return {
    'app:state': async () => {
      // A window that has just been loaded has missed what was told before.
      services.emit('engine:state', services.engine.condition);
      const opened = await openPaths(services, services.startPaths.splice(0));
      return {
        version: services.version,
        settings: services.settings.settings,
        presets: [...services.presets],
        outputFolder: services.outputFolder.state,
        opened: { files: services.files.all(), rejected: opened.rejected },
        notices: [...services.settings.notices],
      };
    },
    'settings:save': async (settings) => {
      await services.settings.saveSettings(settings);
      return {};
    },
  };
}
