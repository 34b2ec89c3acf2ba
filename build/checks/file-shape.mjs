import { basename } from 'node:path';

const mostLines = 400;
const mostTestLines = 600;
const testFile = /\.(test|spec|fake)\.(ts|mjs)$|(^|\/)test_[^/]*\.py$/;

/** PascalCase for components, snake_case for Python, kebab-case for the rest; a suffix names the kind of file. */
const names = [
  [/\.svelte$/, /^[A-Z][A-Za-z0-9]*\.svelte$/],
  [/\.py$/, /^_{0,2}[a-z0-9]+(_[a-z0-9]+)*_{0,2}\.py$/],
  [/./, /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.(ts|mjs|js)$/],
];
const emptyWords = /^(utils?|helpers?|misc|common|manager|stuff)\./;

/**
 * What is wrong with a file's length and name.
 * @param {string} path
 * @param {string} text
 * @returns {string[]} one line each
 */
export function findShapeFaults(path, text) {
  const lines = text.split('\n').length - 1;
  const limit = testFile.test(path) ? mostTestLines : mostLines;
  const name = basename(path);
  const [, pattern] = names.find(([kind]) => kind.test(path));
  return [
    lines > limit && `${path}: expected at most ${limit} lines, found ${lines}. Split it by its nouns.`,
    !pattern.test(name) && `${path}: expected a name like ${pattern}.`,
    emptyWords.test(name) && `${path}: expected the name of its main export.`,
  ].filter(Boolean);
}
