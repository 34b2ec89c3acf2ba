import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { dataFolder } from './data-folder.js';

describe('dataFolder', () => {
  it('follows SOTTO_DATA before anything else', () => {
    expect(dataFolder({ SOTTO_DATA: '/private', XDG_DATA_HOME: '/xdg' }, 'linux')).toBe('/private');
  });

  it('follows XDG_DATA_HOME on Linux, but not a relative one', () => {
    expect(dataFolder({ XDG_DATA_HOME: '/xdg' }, 'linux')).toBe('/xdg/sotto');
    expect(dataFolder({ XDG_DATA_HOME: 'xdg' }, 'linux')).toBe(`${homedir()}/.local/share/sotto`);
    expect(dataFolder({}, 'linux')).toBe(`${homedir()}/.local/share/sotto`);
  });

  it('uses the place for application data on macOS and Windows', () => {
    expect(dataFolder({}, 'darwin')).toContain('Application Support');
    expect(dataFolder({ APPDATA: '/roaming' }, 'win32')).toBe('/roaming/Sotto');
  });
});
