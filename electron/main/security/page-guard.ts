import { app, type Session } from 'electron';
import { appOrigin } from '../protocol/app-protocol.js';

/** Denies every page whatever a page could ask of the system: microphone, notifications, USB, screens and so on. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => {
    decide(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler(null);
}

/**
 * Keeps every page of the app where it is: no navigation, no second window, no embedded page.
 * Holds for all contents made from now on.
 */
export function confinePages(log: (message: string) => void): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => {
      log('page: refused to open a window');
      return { action: 'deny' };
    });
    const refuseElsewhere = (event: Electron.Event, url: string): void => {
      // Reloading the page is going to where it is.
      if (url === `${appOrigin}/`) return;
      log('page: refused to go elsewhere');
      event.preventDefault();
    };
    contents.on('will-navigate', (event) => {
      refuseElsewhere(event, event.url);
    });
    contents.on('will-frame-navigate', (event) => {
      refuseElsewhere(event, event.url);
    });
    contents.on('will-redirect', (event) => {
      refuseElsewhere(event, event.url);
    });
    contents.on('will-attach-webview', (event) => {
      log('page: refused an embedded page');
      event.preventDefault();
    });
  });
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, decide) => {
    event.preventDefault();
    decide(false);
  });
  app.on('select-client-certificate', (event, _contents, _url, _list, decide) => {
    event.preventDefault();
    decide();
  });
}
