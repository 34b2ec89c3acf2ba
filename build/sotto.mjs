// npm run -s sotto -- ARGUMENTS: the command line, built when needed. Standard output is its alone.
import { constants } from 'node:os';
import { inRoot } from './paths.mjs';
import { endChildren, signalChild, startChild, whenParentIsGone } from './process/children.mjs';
import { innerEnvironment } from './process/environment.mjs';
import { sayOnStandardError } from './say.mjs';
import { prepare } from './setup/prepare.mjs';

const secondsBetweenSignals = 1;

/** @type {import('./process/children.mjs').ChildProcess | undefined} the command line; before it runs, the set-up does */
let commandLine;
let lastSignalAt = 0;
let ending = false;

// A terminal signals every process, npm hands some signals down again, and a killed npm none: the command line hears one.
const onSignal = (signal) => {
  if (commandLine === undefined) {
    void endSetup(signal);
    return;
  }
  if (Date.now() - lastSignalAt < secondsBetweenSignals * 1000) return;
  lastSignalAt = Date.now();
  signalChild(commandLine, signal);
};

async function endSetup(signal) {
  if (ending) return;
  ending = true;
  await endChildren();
  process.exit(128 + constants.signals[signal]);
}

// What the set-up starts stands in process groups of its own, which no terminal reaches: the signals are heard before it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => onSignal(signal));
whenParentIsGone(() => onSignal('SIGTERM'));

sayOnStandardError();
try {
  await prepare({ window: false });
} catch (error) {
  // The set-up fails when it is ended; how this script ends is then settled.
  if (!ending) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
if (!ending) runCommandLine();

function runCommandLine() {
  commandLine = startChild(process.execPath, [inRoot('out', 'main', 'cli.js'), ...process.argv.slice(2)], {
    // npm runs scripts in the repository; paths on the command line are meant from where it was typed.
    cwd: process.env.INIT_CWD ?? process.cwd(),
    env: innerEnvironment({ NODE_ENV: process.env.NODE_ENV }),
    stdio: 'inherit',
  });
  commandLine.once('exit', (code, signal) => {
    if (signal) process.removeAllListeners(signal).kill(process.pid, signal);
    else process.exitCode = code;
  });
}
