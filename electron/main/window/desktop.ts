import { dialog, shell, type BrowserWindow, type OpenDialogOptions } from 'electron';
import { AppError } from '../../contract/app-error.js';
import { recordingExtensions } from '../../contract/recording-extensions.js';
import type { Desktop } from '../handlers/services.js';

/**
 * The system's dialogs and file manager.
 * @param window  the dialogs' parent; null when there is none just now
 */
export function createDesktop(window: () => BrowserWindow | null): Desktop {
  const choose = async (options: OpenDialogOptions): Promise<string[]> => {
    const parent = window();
    const result =
      parent === null ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(parent, options);
    return result.canceled ? [] : result.filePaths;
  };
  return {
    chooseInputs: async (kind) =>
      await choose({
        title: kind === 'files' ? 'Open recordings' : 'Open a folder of recordings',
        properties: kind === 'files' ? ['openFile', 'multiSelections'] : ['openDirectory', 'multiSelections'],
        filters: [
          { name: 'Recordings', extensions: [...recordingExtensions] },
          { name: 'All files', extensions: ['*'] },
        ],
      }),
    chooseOutputFolder: async (current) => {
      const properties: OpenDialogOptions['properties'] = ['openDirectory', 'createDirectory'];
      const [chosen] = await choose({ title: 'Folder for results', defaultPath: current, properties });
      return chosen ?? null;
    },
    selectInFolder: (path) => {
      shell.showItemInFolder(path);
    },
    openFolder: async (path) => {
      const problem = await shell.openPath(path);
      if (problem === '') return;
      const message = `Expected to open the folder ${path}; the system says: ${problem}. Choose another output folder.`;
      throw new AppError('OUTPUT_FOLDER_MISSING', message);
    },
  };
}
