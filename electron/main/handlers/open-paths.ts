import { stat } from 'node:fs/promises';
import { AppError } from '../../contract/app-error.js';
import type { AddedFiles } from '../../contract/window-contract.js';
import type { Services } from './services.js';

/**
 * Puts recordings on the queue. Folders become the recordings below them; what cannot be opened is answered with the reason.
 * @param paths  that the user chose, dropped or named
 */
export async function openPaths(
  { engine, files }: Pick<Services, 'engine' | 'files'>,
  paths: readonly string[],
): Promise<AddedFiles> {
  if (paths.length === 0) return { files: [], rejected: [] };
  const expanded = await engine.ask('inputs:expand', { paths: [...paths] });
  const added: AddedFiles = { files: [], rejected: expanded.rejected };
  for (const path of expanded.files) {
    try {
      added.files.push(files.add(path, (await stat(path)).size));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const gone = new AppError(
        'INPUT_UNREADABLE',
        `Expected to read ${path}; found: ${reason}. Add it again.`,
      );
      added.rejected.push({ path, error: gone.toData() });
    }
  }
  return added;
}
