import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { inRoot, isLinux, isWindows } from '../paths.mjs';
import { runChild } from '../process/children.mjs';
import { say, step, tail } from '../say.mjs';
import { hashSources } from './checksum.mjs';
import { ensureSystemPackages, findProgram } from './system-packages.mjs';

const requirements = 'native-models/requirements.txt';
const environment = inRoot('native-models', '.venv');
const stamp = inRoot('native-models', '.venv', 'requirements.sha256');
const candidates = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python'];
const oldestMinor = 11;
const processorIndex = 'https://download.pytorch.org/whl/cpu/';
const secondsToAnswer = 6;

/** The interpreter of the models' environment. */
export const environmentPython = isWindows
  ? `${environment}\\Scripts\\python.exe`
  : `${environment}/bin/python`;

/**
 * Makes the environment in which the models are trained and tested, unless it is there.
 * @returns {Promise<boolean>} false on a machine without a Python that will do, after saying so
 */
export async function ensurePythonEnvironment() {
  const hash = hashSources([requirements]);
  if (existsSync(environmentPython) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return true;
  const python = await findPython();
  if (!python) {
    say(
      `Python 3.${oldestMinor} or newer was not found: the tests of native-models/ are left out. Everything else runs without it.`,
    );
    return false;
  }
  await step('Installing the Python packages of native-models/ (about 1 GB)', async () => {
    if (!(await environmentWorks())) await makeEnvironment(python);
    const install = [
      '-m',
      'pip',
      'install',
      '--disable-pip-version-check',
      '--quiet',
      '-r',
      inRoot(requirements),
    ];
    const { code, output } = await runChild(environmentPython, [...install, ...(await smallerTorch())]);
    if (code !== 0) throw new Error(`pip failed with code ${code}:\n${tail(output)}`);
    writeFileSync(stamp, hash);
  });
  return true;
}

async function findPython() {
  for (const name of candidates.filter((name) => findProgram(name))) {
    const { code } = await runChild(name, [
      '-c',
      `import sys; sys.exit(sys.version_info < (3, ${oldestMinor}))`,
    ]);
    if (code === 0) return name;
  }
  return undefined;
}

async function environmentWorks() {
  return (
    existsSync(environmentPython) &&
    (await runChild(environmentPython, ['-m', 'pip', '--version'])).code === 0
  );
}

/** PyPI's torch for Linux brings CUDA along, several gigabytes; its makers' own index has the build for the processor alone. */
async function smallerTorch() {
  if (!isLinux) return [];
  const reachable = await fetch(processorIndex, {
    method: 'HEAD',
    signal: AbortSignal.timeout(secondsToAnswer * 1000),
  }).then(
    ({ ok }) => ok,
    () => false,
  );
  return reachable ? ['--extra-index-url', processorIndex] : [];
}

async function makeEnvironment(python) {
  await rm(environment, { recursive: true, force: true });
  const make = () => runChild(python, ['-m', 'venv', environment]);
  let { code, output } = await make();
  // Debian keeps the module that makes environments in a package of its own.
  if (code !== 0 && /ensurepip|python3-venv/.test(output)) {
    await ensureSystemPackages([{ module: 'ensurepip', packages: ['python3-venv'] }]);
    ({ code, output } = await make());
  }
  if (code !== 0) throw new Error(`python -m venv failed with code ${code}:\n${tail(output, 15)}`);
}
