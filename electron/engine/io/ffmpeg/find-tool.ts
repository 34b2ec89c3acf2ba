import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { AppError } from '../../../contract/app-error.js';

/** The two programs Sotto starts. */
export type ToolName = 'ffmpeg' | 'ffprobe';

/** Where to look; everything has a default from the running process, tests pass their own. */
export interface ToolSearch {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** the packaged app's resources folder, which may hold `ffmpeg/` with both programs; null outside the app */
  readonly resourcesFolder?: string | null;
  readonly platform?: NodeJS.Platform;
}

const environmentVariable: Record<ToolName, string> = {
  ffmpeg: 'SOTTO_FFMPEG',
  ffprobe: 'SOTTO_FFPROBE',
};

const found = new Map<ToolName, Promise<string>>();

/**
 * Finds a program: first `SOTTO_FFMPEG` / `SOTTO_FFPROBE`, then `ffmpeg/` in the app's resources, then `PATH`.
 * A variable that points to nothing is an error, not a reason to take another program than the one asked for.
 * @returns absolute path; found once per process unless `search` is given
 * @throws AppError TOOL_MISSING with what to install
 */
export function findTool(tool: ToolName, search?: ToolSearch): Promise<string> {
  if (search !== undefined) return locate(tool, search);
  const known = found.get(tool);
  if (known !== undefined) return known;
  const pending = locate(tool, {});
  found.set(tool, pending);
  // A missing program may be installed while the app runs: only a success is remembered.
  pending.catch(() => found.delete(tool));
  return pending;
}

async function locate(tool: ToolName, search: ToolSearch): Promise<string> {
  const environment = search.environment ?? process.env;
  const platform = search.platform ?? process.platform;
  const fileName = platform === 'win32' ? `${tool}.exe` : tool;

  const variable = environmentVariable[tool];
  const chosen = environment[variable];
  if (chosen !== undefined && chosen !== '') {
    if (isAbsolute(chosen) && (await isProgram(chosen))) return chosen;
    throw new AppError(
      'TOOL_MISSING',
      `Expected ${variable} to be the absolute path of a program, found "${chosen}", which cannot be run. ` +
        'Correct the variable or remove it.',
      { tool, variable, path: chosen },
    );
  }

  const resources = search.resourcesFolder === undefined ? resourcesOfThisApp() : search.resourcesFolder;
  const folders = resources === null ? [] : [join(resources, 'ffmpeg')];
  for (const folder of (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter)) {
    // An empty or relative entry would run whatever lies in the current folder.
    if (isAbsolute(folder)) folders.push(folder);
  }
  for (const folder of folders) {
    const path = join(folder, fileName);
    if (await isProgram(path)) return path;
  }
  throw new AppError(
    'TOOL_MISSING',
    `Expected the program ${tool} to be installed, found it neither beside the app nor on PATH. ` +
      `${installHint(platform)} Or set ${variable} to its absolute path.`,
    { tool, variable },
  );
}

function installHint(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Install it with "brew install ffmpeg".';
  if (platform === 'win32') return 'Install it with "winget install ffmpeg".';
  return 'Install it with "sudo apt-get install ffmpeg" (Debian, Ubuntu) or "sudo dnf install ffmpeg-free" (Fedora).';
}

function resourcesOfThisApp(): string | null {
  // Electron sets it, plain Node does not.
  const path: unknown = Reflect.get(process, 'resourcesPath');
  return typeof path === 'string' ? path : null;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false; // absent, or not ours to run: the next place is tried
  }
}
