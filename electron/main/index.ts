import { app, Notification, dialog, session, type BrowserWindow } from 'electron';
import { AppError } from '../contract/app-error.js';
import type { MenuCommand } from '../contract/window-contract.js';
import { emitTo } from './ipc.js';
import { openLog, type Log } from './log.js';
import { locatePaths, redirectData } from './paths.js';
import { registerAppScheme } from './protocol/app-protocol.js';
import { forbidBackgroundNetworking } from './security/chromium-switches.js';
import { guardNetwork } from './security/network-guard.js';
import { confinePages, denyPermissions } from './security/page-guard.js';
import { startPaths } from './start-paths.js';
import type { Batch } from './state/work.js';
import { openStudio, type Studio } from './studio.js';
import { createDesktop } from './window/desktop.js';
import { openMainWindow } from './window/main-window.js';
import { setMenu } from './window/menu.js';

app.setName('Sotto');
redirectData();
registerAppScheme();
forbidBackgroundNetworking();

const devTools = !app.isPackaged;
const named = startPaths(process.argv, app.isPackaged ? null : app.getAppPath(), process.cwd());

/** Only while the studio is built into an unpackaged app, so that a test need not answer a dialog. */
const quitsWithoutAsking = !app.isPackaged && process.env['SOTTO_QUIT_WITHOUT_ASKING'] === '1';

let window: BrowserWindow | null = null;
let studio: Studio | null = null;
let closing: 'no' | 'agreed' | 'cleaned' = 'no';
/** recordings that come before the studio is there */
const early: string[] = [...named];

// The lock belongs to the data folder: whoever holds it may erase what a crashed session left there.
if (app.requestSingleInstanceLock({ paths: named })) {
  const paths = locatePaths();
  const log = openLog(paths.logFile, process.env['SOTTO_DEBUG'] === '1');
  // Electron shows such an error to the user; the log keeps where it came from.
  process.on('uncaughtExceptionMonitor', (error) => {
    log.info(`unexpected: ${error.name}`);
    log.debug(String(error.stack));
  });
  confinePages(log.info);
  app.on('second-instance', (_event, _argv, _folder, data) => {
    openFromOutside(pathsOf(data), log);
    window?.show();
    window?.focus();
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    openFromOutside([path], log);
  });
  app.on('window-all-closed', () => {
    app.quit();
  });
  app.on('will-quit', (event) => {
    if (closing === 'cleaned') return;
    event.preventDefault();
    void cleanUp(log);
  });
  void start(paths, log);
} else {
  app.quit();
}

async function start(paths: ReturnType<typeof locatePaths>, log: Log): Promise<void> {
  await app.whenReady();
  log.info(`Sotto ${app.getVersion()} starts`);
  // Without "persist:" the session lives in memory: what the window fetches never lands in a cache on the disk.
  const ownSession = session.fromPartition('studio');
  for (const each of [ownSession, session.defaultSession]) {
    denyPermissions(each);
    await guardNetwork(each, { devTools, log: log.info });
  }
  try {
    studio = await openStudio({
      paths,
      session: ownSession,
      desktop: createDesktop(() => window),
      startPaths: early.splice(0),
      page: () => window?.webContents ?? null,
      emit: (name, payload) => {
        emitTo(window?.webContents ?? null, name, payload);
      },
      onBatchDone: notifyOf,
      log,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.info(`the studio could not be opened: ${reason}`);
    dialog.showErrorBox('Sotto cannot start', `Expected to use the folder ${paths.data}; found: ${reason}.`);
    closing = 'cleaned';
    app.exit(1);
    return;
  }
  setMenu({ platform: process.platform, devTools, logFile: paths.logFile, command: sendCommand });
  window = openMainWindow({
    preloadScript: paths.preloadScript,
    boundsFile: paths.windowFile,
    session: ownSession,
    devTools,
    log: log.info,
  });
  window.on('close', askBeforeClosing);
  window.on('closed', () => {
    window = null;
  });
}

function askBeforeClosing(event: Electron.Event): void {
  const jobs = studio?.jobs() ?? 0;
  if (jobs === 0 || closing !== 'no' || quitsWithoutAsking || window === null) return;
  event.preventDefault();
  const subject = jobs === 1 ? 'One recording is' : `${String(jobs)} recordings are`;
  void dialog
    .showMessageBox(window, {
      type: 'question',
      message: `${subject} still being processed.`,
      detail:
        'Results that are finished stay where they are. Unfinished ones are discarded; the recordings are untouched.',
      buttons: ['Keep working', 'Discard and quit'],
      defaultId: 0,
      cancelId: 0,
    })
    .then(({ response }) => {
      if (response !== 1) return;
      closing = 'agreed';
      window?.close();
    });
}

async function cleanUp(log: Log): Promise<void> {
  try {
    await studio?.close();
  } catch (error) {
    log.info(`the session could not be erased: ${String(error)}; it is erased at the next start`);
  }
  closing = 'cleaned';
  app.quit();
}

function sendCommand(command: MenuCommand): void {
  emitTo(window?.webContents ?? null, 'menu:command', { command });
}

function openFromOutside(paths: readonly string[], log: Log): void {
  if (studio === null) {
    early.push(...paths);
    return;
  }
  studio.open(paths).catch((error: unknown) => {
    log.info(`recordings from outside could not be opened: ${AppError.from(error).code}`);
  });
}

function pathsOf(data: unknown): string[] {
  if (typeof data !== 'object' || data === null || !('paths' in data) || !Array.isArray(data.paths))
    return [];
  return data.paths.filter((path) => typeof path === 'string');
}

function notifyOf({ done, failed }: Batch): void {
  if (done + failed === 0 || window?.isFocused() === true || !Notification.isSupported()) return;
  const failures = failed === 0 ? '' : `, ${String(failed)} failed`;
  // No names: a notification may be seen by others.
  new Notification({ title: 'Sotto has finished', body: `${String(done)} done${failures}.` }).show();
}
