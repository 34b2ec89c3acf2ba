import { readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} Counts failures: a line for each failed test */

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
    failures: [
      ...brokenFiles.map(({ name, message }) => failureLine(name, message)),
      ...report.testResults.flatMap(({ name, assertionResults }) =>
        assertionResults
          .filter(isFailed)
          .map(({ fullName, failureMessages }) => failureLine(`${name}: ${fullName}`, failureMessages[0])),
      ),
    ],
  };
}

/** @returns {Counts} from the JSON reporter of Playwright; passed on a second try is passed */
export function readPlaywright(path) {
  const { stats, errors, suites } = readJson(path);
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
    failures: [
      ...errors.map(({ message }) => failureLine('Playwright', message)),
      ...suites.flatMap(failedSpecs),
    ],
  };
}

function failedSpecs({ suites = [], specs = [] }) {
  const failed = specs.filter(({ ok }) => !ok);
  return [
    ...suites.flatMap(failedSpecs),
    ...failed.map(({ file, title, tests }) =>
      failureLine(`${file}: ${title}`, tests[0]?.results.at(-1)?.error?.message),
    ),
  ];
}

/** @returns {Counts} from pytest's JUnit file */
export function readPytest(path) {
  const report = readFileSync(path, 'utf8');
  const suite = /<testsuite [^>]*>/.exec(report)?.[0] ?? '';
  const value = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = value('failures') + value('errors');
  const failures = [
    ...report.matchAll(
      /<testcase classname="([^"]*)" name="([^"]*)"[^>]*><(?:failure|error) message="([^"]*)"/g,
    ),
  ];
  return {
    passed: value('tests') - failed - value('skipped'),
    failed,
    skipped: value('skipped'),
    failures: failures.map(([, file, test, message]) => failureLine(`${file}: ${test}`, message)),
  };
}

/** One line for the end of the log: a machine that keeps only that part of it still tells what failed. */
function failureLine(test, message = '') {
  return `${test}: ${message.split(/\n|&#10;/)[0]}`.slice(0, 300);
}

function isFailed({ status }) {
  return status === 'failed';
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
