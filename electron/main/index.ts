import { join } from 'node:path';
import { app, BrowserWindow } from 'electron';

async function openWindow(): Promise<void> {
  const window = new BrowserWindow({
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      contextIsolation: true,
      sandbox: true,
    },
  });
  await window.loadFile(join(import.meta.dirname, '../renderer/index.html'));
}

void app.whenReady().then(openWindow);
app.on('window-all-closed', () => {
  app.quit();
});
