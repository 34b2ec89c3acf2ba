import { randomBytes } from 'node:crypto';

/** @returns a value that no other response has, for styles that wavesurfer creates at run time */
export function newNonce(): string {
  return randomBytes(16).toString('base64url');
}

/**
 * Content policy of the window: the app's own files and nothing else. A style element needs this response's nonce.
 * @param nonce  from {@link newNonce}
 */
export function contentPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    // The net of live monitoring is WebAssembly. This lets bytes become a module; text still never becomes code.
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

/** Stands for the nonce in the built page, where the browser would hide an attribute of a style from scripts. */
const placeholder = '__CSP_NONCE__';

/**
 * Hands the nonce to the page.
 * @param html  a page with `<meta name="csp-nonce" content="__CSP_NONCE__">`
 */
export function withNonce(html: string, nonce: string): string {
  return html.replaceAll(placeholder, nonce);
}
