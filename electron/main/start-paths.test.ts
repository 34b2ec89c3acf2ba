import { describe, expect, it } from 'vitest';
import { startPaths } from './start-paths.js';

describe('startPaths', () => {
  it('takes what stands behind the app and makes it absolute', () => {
    const argv = [
      '/usr/bin/electron',
      '--no-sandbox',
      '-r',
      '/tools/loader.js',
      '.',
      'a.wav',
      '/music/b.wav',
    ];
    expect(startPaths(argv, '/home/me/sotto', '/home/me/sotto')).toEqual([
      '/home/me/sotto/a.wav',
      '/music/b.wav',
    ]);
  });

  it('leaves out options', () => {
    expect(startPaths(['/opt/sotto', '--no-sandbox', 'a.wav', '-psn_0_1'], null, '/m')).toEqual(['/m/a.wav']);
  });

  it('takes everything behind -- as a name', () => {
    expect(startPaths(['/opt/sotto', 'a.wav', '--', '-odd.wav'], null, '/m')).toEqual([
      '/m/a.wav',
      '/m/-odd.wav',
    ]);
  });

  it('finds nothing on a plain start', () => {
    expect(startPaths(['/usr/bin/electron', '/app'], '/app', '/')).toEqual([]);
    expect(startPaths(['/opt/sotto'], null, '/')).toEqual([]);
  });
});
