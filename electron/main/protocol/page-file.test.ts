import { describe, expect, it } from 'vitest';
import { pageFile } from './page-file.js';

const root = '/app/out/renderer';

describe('pageFile', () => {
  it('serves the index for the root', () => {
    expect(pageFile(root, '/')).toBe('/app/out/renderer/index.html');
  });

  it('serves files below the root', () => {
    expect(pageFile(root, '/assets/a%20b.js')).toBe('/app/out/renderer/assets/a b.js');
  });

  it.each([
    '/../secret',
    '/assets/../../secret',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..\\..\\secret',
    '/a%00b',
    '/%',
    '/%c0%ae%c0%ae/secret',
    '/..',
  ])('refuses %s', (pathname) => {
    expect(pageFile(root, pathname)).toBeNull();
  });

  it('does not mistake a neighbour with the same beginning for a file inside', () => {
    expect(pageFile('/app/out/render', '/../renderer/x')).toBeNull();
  });
});
