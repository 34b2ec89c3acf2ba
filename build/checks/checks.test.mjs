import { describe, expect, it } from 'vitest';
import { findShapeFaults } from './file-shape.mjs';
import { findMissingDocComments } from './missing-doc-comments.mjs';

const lines = (count) => 'x\n'.repeat(count);

describe('the check of doc comments', () => {
  it('names an exported function without one, with its line', () => {
    const findings = findMissingDocComments(
      'a.ts',
      '/** Kept. */\nexport const kept = 1;\n\nexport function bare() {}\n',
    );
    expect(findings).toEqual(['a.ts:4: expected a doc comment on the exported `bare`, found none.']);
  });

  it('takes a type inferred from a documented schema as documented', () => {
    const text =
      '/** Said once. */\nexport const thingSchema = z.string();\nexport type Thing = z.infer<typeof thingSchema>;\n';
    expect(findMissingDocComments('a.ts', text)).toEqual([]);
  });

  it('leaves what is not exported to its author', () => {
    expect(findMissingDocComments('a.ts', 'function own() {}\n')).toEqual([]);
  });
});

describe('the check of file shapes', () => {
  it('refuses a source of more than 400 lines, and a test of more than 600', () => {
    expect(findShapeFaults('a/chain.ts', lines(400))).toEqual([]);
    expect(findShapeFaults('a/chain.ts', lines(401))).toHaveLength(1);
    expect(findShapeFaults('a/chain.test.ts', lines(600))).toEqual([]);
    expect(findShapeFaults('a/chain.test.ts', lines(601))).toHaveLength(1);
  });

  it.each([
    'a/Chain.ts',
    'a/chain_host.ts',
    'a/chain.svelte',
    'a/ChainHost.py',
    'a/utils.ts',
    'a/helpers.py',
  ])('refuses the name %s', (path) => {
    expect(findShapeFaults(path, '')).toHaveLength(1);
  });

  it.each([
    'a/chain-host.ts',
    'a/chain.svelte.ts',
    'a/ChainHost.svelte',
    'a/chain_host.py',
    'a/__init__.py',
    'a/svelte.config.js',
  ])('accepts the name %s', (path) => {
    expect(findShapeFaults(path, '')).toEqual([]);
  });
});
