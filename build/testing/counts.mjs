import { readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @returns {Counts} from the JSON reporter of Vitest */
export function readVitest(path) {
  const report = readJson(path);
  // A file that cannot be loaded has no tests to count.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some(isFailed),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** @returns {Counts} from the JSON reporter of Playwright; passed on a second try is passed */
export function readPlaywright(path) {
  const { stats, errors } = readJson(path);
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
  };
}

/** @returns {Counts} from pytest's JUnit file */
export function readPytest(path) {
  const suite = /<testsuite [^>]*>/.exec(readFileSync(path, 'utf8'))?.[0] ?? '';
  const value = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = value('failures') + value('errors');
  return { passed: value('tests') - failed - value('skipped'), failed, skipped: value('skipped') };
}

function isFailed({ status }) {
  return status === 'failed';
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
