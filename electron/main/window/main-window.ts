import { BrowserWindow, screen, type Session } from 'electron';
import { appOrigin } from '../protocol/app-protocol.js';
import { isReachable, readBounds, writeBounds } from './window-bounds.js';

/** The page's own background, so that nothing flashes before it is painted. */
const backgroundColor = '#141619';

/** What the window is made from. */
export interface MainWindowOptions {
  readonly preloadScript: string;
  readonly boundsFile: string;
  readonly session: Session;
  readonly devTools: boolean;
  readonly log: (message: string) => void;
}

/** Opens the one window, where it was last, and shows it once it has something to show. */
export function openMainWindow(options: MainWindowOptions): BrowserWindow {
  const saved = readBounds(options.boundsFile);
  const areas = screen.getAllDisplays().map((display) => display.workArea);
  const place = saved !== null && isReachable(saved, areas) ? saved : { width: 1280, height: 800 };
  const window = new BrowserWindow({
    ...place,
    useContentSize: false,
    minWidth: 960,
    minHeight: 600,
    title: 'Sotto',
    backgroundColor,
    show: false,
    webPreferences: {
      preload: options.preloadScript,
      session: options.session,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      enableWebSQL: false,
      devTools: options.devTools,
      // Playback and the queue go on while the window is behind others.
      backgroundThrottling: false,
    },
  });
  if (saved?.maximized === true) window.maximize();
  window.webContents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
  window.once('ready-to-show', () => {
    window.show();
  });
  window.on('page-title-updated', (event) => {
    event.preventDefault();
  });
  window.on('close', () => {
    const bounds = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    writeBounds(options.boundsFile, bounds).catch((error: unknown) => {
      options.log(`window: its place could not be saved: ${String(error)}`);
    });
  });
  window.webContents.on('render-process-gone', (_event, details) => {
    options.log(`window: its process ended (${details.reason}), it is loaded again`);
    if (details.reason !== 'clean-exit') window.webContents.reload();
  });
  void window.loadURL(`${appOrigin}/`);
  return window;
}
