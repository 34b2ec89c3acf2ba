import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isWindows, root } from '../paths.mjs';
import { innerEnvironment } from './environment.mjs';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/**
 * @typedef {object} Outcome
 * @property {number} code exit code; 128 + n after signal n, 127 when the program could not be started
 * @property {string} output what it wrote to both streams, the last 4 MB of it; empty unless captured
 */

const keptCharacters = 4_000_000;
const secondsToEnd = 5;
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

const running = new Set();

/**
 * Starts a program in a process group of its own, so that it can be ended with everything it started.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export function startChild(command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: root,
    env: innerEnvironment(),
    detached: !isWindows,
    ...options,
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { show?: 'nothing' | 'everything', timeLimitSeconds?: number, onOutput?: (text: string) => void }} [options]
 *   `show: 'everything'` gives it this terminal, otherwise its output is captured
 * @returns {Promise<Outcome>}
 */
export function runChild(command, args, { show = 'nothing', timeLimitSeconds, onOutput, ...options } = {}) {
  return new Promise((resolve) => {
    const stdio = show === 'everything' ? 'inherit' : ['ignore', 'pipe', 'pipe'];
    const child = startChild(command, args, { stdio, ...options });
    let output = '';
    const keep = (text) => {
      output = (output + text).slice(-keptCharacters);
      onOutput?.(text);
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    const limit =
      timeLimitSeconds &&
      setTimeout(() => {
        keep(`\nEnded after its limit of ${timeLimitSeconds} s.\n`);
        void endChild(child);
      }, timeLimitSeconds * 1000);
    child.once('error', (error) => {
      clearTimeout(limit);
      resolve({ code: 127, output: `${output}${error.message}\n` });
    });
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ code: code ?? 128 + (signalNumbers[signal ?? 'SIGTERM'] ?? 0), output });
    });
  });
}

/** Sends a signal to a program and to everything it started. */
export function signalChild(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (isWindows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Asks a program to end, and kills it when it does not. */
export async function endChild(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  signalChild(child, 'SIGTERM');
  const kill = setTimeout(() => signalChild(child, 'SIGKILL'), secondsToEnd * 1000);
  await ended;
  clearTimeout(kill);
}

/** Ends everything still running, the latest first: a display outlives the programs that draw on it. */
export async function endChildren() {
  for (const child of [...running].reverse()) await endChild(child);
}

/**
 * Ends the children when this script is told to end, and when the npm that called it is gone: npm does not
 * hand SIGTERM down, so that its death is often the only message.
 */
export function endChildrenWithParent() {
  const end = async (code) => {
    await endChildren();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => void end(128 + signalNumbers[signal]));
  }
  whenParentIsGone(() => void end(128 + signalNumbers.SIGHUP));
}

/** Calls back once when the npm that called this script is gone. */
export function whenParentIsGone(callback) {
  if (!process.env.npm_lifecycle_event) return;
  const ancestors = readAncestors();
  const watch = setInterval(() => {
    if (readAncestors() === ancestors) return;
    clearInterval(watch);
    callback();
  }, 500);
  watch.unref();
}

/** The parent and, where that is a shell on Linux, its parent: npm calls scripts through a shell, which may outlive it. */
function readAncestors() {
  const parent = process.ppid;
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8');
    const [, name, grandparent] = /^\d+ \((.*)\) \S (\d+) /s.exec(stat) ?? [];
    return /^(sh|dash|bash|ash|busybox)$/.test(name) ? `${parent} ${grandparent}` : String(parent);
  } catch {
    // No such file system here, or the parent just went.
    return String(parent);
  }
}
