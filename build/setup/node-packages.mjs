import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { runChild } from '../process/children.mjs';
import { inRoot, isWindows } from '../paths.mjs';
import { step, tail } from '../say.mjs';

const installArguments = [
  'ci',
  '--ignore-scripts',
  '--include=dev',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
];

/** Installs the packages of the lock file, unless exactly those are there. */
export async function ensureNodePackages() {
  if (installedMatchesLock()) return;
  await step('Installing npm packages (about 600 MB)', async () => {
    const { code, output } = await runNpm(installArguments);
    if (code !== 0) throw new Error(`npm ci failed with code ${code}:\n${tail(output)}`);
  });
}

/** Runs the npm that called us, or else the one in the path. */
export function runNpm(args, options = {}) {
  const caller = process.env.npm_execpath;
  if (caller && basename(caller) === 'npm-cli.js')
    return runChild(process.execPath, [caller, ...args], options);
  return runChild(isWindows ? 'npm.cmd' : 'npm', args, { shell: isWindows, ...options });
}

/** npm leaves a record of what it installed; only packages for other platforms may be absent from it. */
function installedMatchesLock() {
  const wanted = readPackages('package-lock.json');
  const installed = readPackages('node_modules/.package-lock.json');
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    return found
      ? found.version === entry.version && found.integrity === entry.integrity
      : entry.optional === true;
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(inRoot(path), 'utf8')).packages;
  } catch {
    // Missing or broken means the same: install.
    return undefined;
  }
}
