import { inRoot } from '../paths.mjs';
import { environmentPython } from '../setup/python-environment.mjs';
import { readPlaywright, readPytest, readVitest } from './counts.mjs';

/** @typedef {import('./counts.mjs').Counts} Counts */
/**
 * @typedef {object} TestStep
 * @property {string} title
 * @property {string} group what `node build/test.mjs GROUP` calls it
 * @property {string} command
 * @property {string[]} args
 * @property {(report: string) => Counts} [count] reads the suite's report; a step without one counts as one test
 * @property {string} [report] where the suite writes its report, below out/test/
 * @property {string} [cwd]
 * @property {'bundle' | 'display' | 'python'} [needs] a display is for a window, which needs the bundle too
 * @property {boolean} [takesArguments] whether words after `--` are handed on
 */

/** The checks that read the sources without running them; groups whose name may be given as `static`. */
export const staticGroups = ['lint', 'types', 'deps'];

/** @type {TestStep} */
export const buildStep = script('Build', 'build', 'build/checks/bundle.mjs');

/** @type {TestStep[]} */
export const steps = [
  tool('ESLint', 'lint', 'eslint/bin/eslint.js', ['.', '--max-warnings=0']),
  tool('Prettier', 'lint', 'prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']),
  script('Doc comments', 'lint', 'build/checks/doc-comments.mjs'),
  script('File sizes and names', 'lint', 'build/checks/file-shapes.mjs'),
  script('Figures in the README', 'lint', 'build/readme-figures.mjs', ['--check']),
  tool('Unused code (knip)', 'lint', 'knip/bin/knip.js', ['--no-progress']),
  tool('Types (tsc)', 'types', 'typescript/bin/tsc', ['-p', 'tsconfig.node.json']),
  tool('Types of the end-to-end tests (tsc)', 'types', 'typescript/bin/tsc', ['-p', 'e2e/tsconfig.json']),
  tool('Types (svelte-check)', 'types', 'svelte-check/bin/svelte-check', [
    '--workspace',
    'renderer',
    '--tsconfig',
    './tsconfig.json',
    '--fail-on-warnings',
    '--output',
    'human',
  ]),
  tool('Dependency rules', 'deps', 'dependency-cruiser/bin/dependency-cruise.mjs', [
    '--config',
    'build/rules/dependency-cruiser.mjs',
    'electron',
    'renderer/src',
  ]),
  {
    ...tool('Unit, conformance, golden and integration tests', 'unit', 'vitest/vitest.mjs', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${inRoot('out', 'test', 'unit.json')}`,
    ]),
    report: 'unit.json',
    needs: 'bundle',
    count: readVitest,
    takesArguments: true,
  },
  {
    title: 'Python tests',
    group: 'python',
    command: environmentPython,
    cwd: inRoot('native-models'),
    args: ['-m', 'pytest', `--junitxml=${inRoot('out', 'test', 'python.xml')}`],
    report: 'python.xml',
    count: readPytest,
    needs: 'python',
    takesArguments: true,
  },
  {
    ...tool('End-to-end tests', 'e2e', '@playwright/test/cli.js', ['test']),
    report: 'e2e.json',
    count: readPlaywright,
    needs: 'display',
    takesArguments: true,
  },
];

function tool(title, group, path, args) {
  return {
    title,
    group,
    command: process.execPath,
    args: [inRoot('node_modules', ...path.split('/')), ...args],
  };
}

function script(title, group, path, words = []) {
  return { title, group, command: process.execPath, args: [inRoot(...path.split('/')), ...words] };
}
