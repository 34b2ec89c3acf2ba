import { ipcMain, type IpcMainEvent, type IpcMainInvokeEvent, type WebContents } from 'electron';
import type { Answer, EventName, EventPayload, Handlers } from '../contract/channel.js';
import { windowChannels } from '../contract/window-channels.js';
import { windowContract, type WindowContract } from '../contract/window-contract.js';
import { appOrigin } from './protocol/app-protocol.js';
import { answerRequest } from './request-router.js';

/** Which page may ask, and what it may ask for. */
export interface IpcOptions {
  readonly handlers: Handlers<WindowContract>;
  /** the window that is open just now; requests of any other page are refused */
  readonly window: () => WebContents | null;
  /** a path that the user dropped on the window, as the preload has read it from the dropped file */
  readonly onDropped: (path: string) => void;
  readonly log: (message: string) => void;
}

/** Opens the one door between the window and the main process: requests, and the paths of dropped files. */
export function openIpc(options: IpcOptions): void {
  ipcMain.handle(windowChannels.request, async (event, name: unknown, input: unknown): Promise<Answer> => {
    if (isOurPage(event, options.window())) {
      return await answerRequest(windowContract, options.handlers, name, input);
    }
    options.log(`ipc: refused a request of ${event.senderFrame?.url ?? 'a frame that is gone'}`);
    const message = 'Only the main page of Sotto itself may ask this.';
    return { ok: false, error: { code: 'INVALID_ARGUMENT', message } };
  });
  ipcMain.on(windowChannels.dropped, (event, path: unknown) => {
    if (isOurPage(event, options.window()) && typeof path === 'string') options.onDropped(path);
    else options.log('ipc: refused a dropped path');
  });
}

/** Sends an event to the window, checked against the contract first; a window that is gone misses it. */
export function emitTo<N extends EventName<WindowContract>>(
  window: WebContents | null,
  name: N,
  payload: EventPayload<WindowContract, N>,
): void {
  if (window === null || window.isDestroyed()) return;
  window.send(windowChannels.event, name, windowContract.events[name].parse(payload));
}

function isOurPage(event: IpcMainEvent | IpcMainInvokeEvent, window: WebContents | null): boolean {
  const frame = event.senderFrame;
  if (frame === null || window === null || event.sender !== window) return false;
  // A frame inside the page, or a page that came to be elsewhere, has no say.
  return frame.parent === null && frame.url.startsWith(`${appOrigin}/`);
}
