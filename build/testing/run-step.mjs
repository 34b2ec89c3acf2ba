import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { inRoot, root } from '../paths.mjs';
import { runChild } from '../process/children.mjs';
import { openHiddenDisplay } from '../process/display.mjs';
import { innerEnvironment } from '../process/environment.mjs';

/** @typedef {import('./steps.mjs').TestStep} TestStep */
/** @typedef {import('./counts.mjs').Counts} Counts */

/** Far above the slowest step: a suite that hangs must not hang the machine that waits for it. */
const limitSeconds = 1500;

/** What is captured is read in a log. */
const plainText = { NO_COLOR: '1', FORCE_COLOR: undefined };

/**
 * Runs one step with what it needs around it.
 * @param {TestStep} step
 * @param {object} how
 * @param {string[]} how.extraArguments
 * @param {boolean} how.live whether its output goes straight to the terminal
 * @param {(text: string) => void} how.detail is told the latest line
 * @returns {Promise<{ ok: boolean, output: string, counts: Counts }>}
 */
export async function runStep(step, { extraArguments, live, detail }) {
  const report = step.report && inRoot('out', 'test', step.report);
  mkdirSync(inRoot('out', 'test'), { recursive: true });
  if (report) rmSync(report, { force: true });
  const display = step.needs === 'display' ? await openHiddenDisplay() : undefined;
  try {
    const { code, output } = await runChild(
      step.command,
      [...step.args, ...(step.takesArguments ? extraArguments : [])],
      {
        cwd: step.cwd ?? root,
        env: innerEnvironment({ ...display?.environment, ...(!live && plainText) }),
        show: live ? 'everything' : 'nothing',
        timeLimitSeconds: limitSeconds,
        onOutput: (text) => detail(lastLine(text)),
      },
    );
    const ok = code === 0;
    return { ok, output, counts: counted(step, report, ok) };
  } finally {
    await display?.close();
  }
}

/** A step that failed counts at least one failure, even when its suite never came to counting. */
function counted(step, report, ok) {
  const none = { passed: 0, failed: 0, skipped: 0, failures: [] };
  if (!step.count) return { ...none, passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  const counts = existsSync(report) ? step.count(report) : none;
  return ok ? counts : { ...counts, failed: Math.max(1, counts.failed) };
}

function lastLine(text) {
  return text.trimEnd().split('\n').at(-1).trim().slice(0, 100);
}
