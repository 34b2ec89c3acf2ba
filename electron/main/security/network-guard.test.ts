import { describe, expect, it } from 'vitest';
import { staysInside } from './network-guard.js';

describe('staysInside', () => {
  it.each([
    'sotto://app/',
    'sotto://app/media/x/raw.pcm',
    'data:image/png;base64,AA',
    'blob:sotto://app/1-2',
  ])('lets %s through', (url) => {
    expect(staysInside(url, false)).toBe(true);
  });

  it.each([
    'http://example.org/',
    'https://sotto/',
    'ws://127.0.0.1/',
    'wss://x/',
    'ftp://x/',
    'file:///etc/passwd',
    'sotto://app.example.org/',
    'sotto://other/',
    'blob:https://x/1',
    'chrome://gpu',
    'devtools://devtools/bundled/x.html',
    'about:blank',
  ])('refuses %s', (url) => {
    expect(staysInside(url, false)).toBe(false);
  });

  it('lets the developer tools load their own pages in development', () => {
    expect(staysInside('devtools://devtools/bundled/x.html', true)).toBe(true);
    expect(staysInside('https://devtools/', true)).toBe(false);
  });
});
