import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { windowChannels } from '../contract/window-channels.js';
import { windowContract, type WindowApi } from '../contract/window-contract.js';
import { createWindowApi } from './window-api.js';

const api: WindowApi = createWindowApi(windowContract, {
  invoke: (name, input) => ipcRenderer.invoke(windowChannels.request, name, input),
  subscribe: (listener) => {
    const forward = (_event: unknown, name: unknown, payload: unknown): void => {
      listener(name, payload);
    };
    ipcRenderer.on(windowChannels.event, forward);
    return () => {
      ipcRenderer.off(windowChannels.event, forward);
    };
  },
  pathOf: (file) => webUtils.getPathForFile(file as Parameters<typeof webUtils.getPathForFile>[0]),
  dropped: (path) => {
    ipcRenderer.send(windowChannels.dropped, path);
  },
});

contextBridge.exposeInMainWorld('api', api);
