import { randomBytes } from 'node:crypto';

/** @returns a value that no other response has, for styles that wavesurfer creates at run time */
export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}

/**
 * Content policy of the window: the app's own files and nothing else. Scripts compile WebAssembly (SIMD in the player) but never text;
 * a style element needs this response's nonce.
 * @param nonce  from {@link newNonce}
 */
export function contentPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "media-src 'self' blob:",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * Headers of every response. The opener and embedder policies make the page cross-origin isolated,
 * which the player's shared memory requires.
 */
export const isolationHeaders: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/**
 * Hands the nonce to the page, where the browser would hide it from scripts as an attribute of a style.
 * @param html   a page with a `<head>`
 * @returns the page with `<meta name="csp-nonce" content="...">` as the first element of its head
 */
export function withNonce(html: string, nonce: string): string {
  return html.replace(/<head(\s[^>]*)?>/i, (head) => `${head}<meta name="csp-nonce" content="${nonce}">`);
}
