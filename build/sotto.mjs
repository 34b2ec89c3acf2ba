// npm run -s sotto -- ARGUMENTS: the command line, built when needed. Standard output is its alone.
import { inRoot } from './paths.mjs';
import { signalChild, startChild, whenParentIsGone } from './process/children.mjs';
import { innerEnvironment } from './process/environment.mjs';
import { sayOnStandardError } from './say.mjs';
import { prepare } from './setup/prepare.mjs';

const secondsBetweenSignals = 1;

sayOnStandardError();
try {
  await prepare({ window: false });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

// npm runs scripts in the repository; paths on the command line are meant from where it was typed.
const cwd = process.env.INIT_CWD ?? process.cwd();
const child = startChild(process.execPath, [inRoot('out', 'main', 'cli.js'), ...process.argv.slice(2)], {
  cwd,
  env: innerEnvironment({ NODE_ENV: process.env.NODE_ENV }),
  stdio: 'inherit',
});

// A terminal signals every process, npm hands some signals down again, and a killed npm none: the child hears one.
let lastSignalAt = 0;
const pass = (signal) => {
  if (Date.now() - lastSignalAt < secondsBetweenSignals * 1000) return;
  lastSignalAt = Date.now();
  signalChild(child, signal);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => pass(signal));
whenParentIsGone(() => pass('SIGTERM'));

child.once('exit', (code, signal) => {
  if (signal) process.removeAllListeners(signal).kill(process.pid, signal);
  else process.exitCode = code;
});
