import { describe, expect, it } from 'vitest';
import { mediaKinds, mediaUrl } from '../../contract/media.js';
import { parseMediaPath } from './media-path.js';

describe('parseMediaPath', () => {
  it('reads every URL that the contract makes', () => {
    for (const kind of mediaKinds) {
      expect(parseMediaPath(new URL(mediaUrl('aB3_-x', kind)).pathname)).toEqual({ fileId: 'aB3_-x', kind });
    }
  });

  it.each([
    '/media/',
    '/media/x',
    '/media/x/settings.json',
    '/media/x/raw.pcm/',
    '/media/x/y/raw.pcm',
    '/media/../raw.pcm',
    '/media/x%2fy/raw.pcm',
  ])('refuses %s', (pathname) => {
    expect(parseMediaPath(pathname)).toBeNull();
  });
});
