import { describe, expect, it } from 'vitest';
import { contentPolicy, newNonce, withNonce } from './content-policy.js';

describe('content policy', () => {
  it('allows neither text as code nor inline scripts nor foreign hosts', () => {
    const policy = contentPolicy('abc');
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).not.toContain("'unsafe-eval'");
    expect(policy).not.toContain("'unsafe-inline'");
    expect(policy).not.toMatch(/https?:/);
    expect(policy).toContain("default-src 'none'");
  });

  it('gives styles the nonce of the response', () => {
    expect(contentPolicy('abc')).toContain("style-src 'self' 'nonce-abc'");
  });

  it('never repeats a nonce and needs no escaping in a header or an attribute', () => {
    const nonces = Array.from({ length: 100 }, newNonce);
    expect(new Set(nonces).size).toBe(100);
    for (const nonce of nonces) expect(nonce).toMatch(/^[\w-]{22}$/);
  });

  it('reaches the page where it waits for it', () => {
    expect(withNonce('<meta name="csp-nonce" content="__CSP_NONCE__"><p>text</p>', 'n1')).toBe(
      '<meta name="csp-nonce" content="n1"><p>text</p>',
    );
  });
});
