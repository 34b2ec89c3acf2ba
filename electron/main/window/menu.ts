import { Menu, shell, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../../contract/window-contract.js';

/** What the menu needs of the app. */
export interface MenuOptions {
  readonly platform: NodeJS.Platform;
  readonly devTools: boolean;
  readonly logFile: string;
  readonly command: (command: MenuCommand) => void;
}

/** Sets the application menu: standard roles, and commands that the window carries out. */
export function setMenu(options: MenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)));
}

function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const isMac = options.platform === 'darwin';
  return [
    ...(isMac ? [{ role: 'appMenu' } satisfies MenuItemConstructorOptions] : []),
    {
      label: '&File',
      submenu: [
        item('Open files…', 'open-files', options, 'CmdOrCtrl+O'),
        item('Open folder…', 'open-folder', options, 'CmdOrCtrl+Shift+O'),
        { type: 'separator' },
        item('Process all', 'process-all', options, 'CmdOrCtrl+Shift+B'),
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'togglefullscreen' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        ...(options.devTools ? developerItems : []),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        item('Keyboard shortcuts', 'show-shortcuts', options),
        {
          label: 'Show log',
          click: () => {
            shell.showItemInFolder(options.logFile);
          },
        },
        ...(isMac ? [] : [{ role: 'about' } satisfies MenuItemConstructorOptions]),
      ],
    },
  ];
}

const developerItems: MenuItemConstructorOptions[] = [
  { type: 'separator' },
  { role: 'reload' },
  { role: 'toggleDevTools' },
];

function item(
  label: string,
  command: MenuCommand,
  options: MenuOptions,
  accelerator?: string,
): MenuItemConstructorOptions {
  return {
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    click: () => {
      options.command(command);
    },
  };
}
