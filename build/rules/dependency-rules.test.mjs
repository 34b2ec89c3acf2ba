import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../paths.mjs';
import configuration from './dependency-cruiser.mjs';
import { innocents, offences } from './offences.mjs';

describe('the dependency rules', () => {
  let tree;
  /** @type {{ from: string, rule: { name: string } }[]} */
  let violations;

  beforeAll(async () => {
    // Below the root, so that packages are found where they are for the product.
    mkdirSync(inRoot('out'), { recursive: true });
    tree = mkdtempSync(inRoot('out', 'rules-'));
    const files = [...Object.values(offences), ...Object.entries(innocents)];
    for (const [path, imported] of files) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), `import '${imported}';\n`);
    }
    const { options, forbidden } = configuration;
    const result = await cruise(['electron', 'renderer'], {
      ...options,
      baseDir: tree,
      validate: true,
      ruleSet: { forbidden },
    });
    violations = result.output.summary.violations;
  });

  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it('have an offence each', () => {
    expect(Object.keys(offences).sort()).toEqual(configuration.forbidden.map(({ name }) => name).sort());
  });

  it.each(Object.entries(offences))('catch the offence against %s', (name, [file]) => {
    expect(violations.filter(({ rule }) => rule.name === name).map(({ from }) => from)).toContain(file);
  });

  it('leave the innocent alone', () => {
    const accused = new Set(violations.map(({ from }) => from));
    expect(Object.keys(innocents).filter((file) => accused.has(file))).toEqual([]);
  });
});
