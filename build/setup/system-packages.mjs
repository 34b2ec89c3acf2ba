import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isLinux, isRoot, isWindows } from '../paths.mjs';
import { runChild } from '../process/children.mjs';
import { say, step, tail } from '../say.mjs';

/** @typedef {{ program?: string, library?: string, module?: string, packages: string[] }} Need  one of the first three: of Python, a module */

const aptOptions = ['-o', 'DPkg::Lock::Timeout=300', '-y', '-q'];
const aptEnvironment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

/**
 * Brings what is missing from the system: as root on Debian or Ubuntu by itself, elsewhere by telling what to type.
 * @param {Need[]} needs
 * @returns {Promise<Need[]>} what is still missing
 */
export async function ensureSystemPackages(needs) {
  const missing = findMissing(needs);
  if (missing.length === 0) return [];
  if (isLinux && isRoot && findProgram('apt-get')) await installWithApt(missing);
  const stillMissing = findMissing(missing);
  if (stillMissing.length > 0) say(howToInstall(stillMissing));
  return stillMissing;
}

/** @returns {string | undefined} the full path of a program in the search path */
export function findProgram(name) {
  const names = isWindows ? [`${name}.exe`, `${name}.cmd`] : [name];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const file of names) {
      const path = join(folder, file);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined;
}

/** @param {Need[]} needs */
function findMissing(needs) {
  const libraries = isLinux ? knownLibraries() : undefined;
  return needs.filter(({ program, library, module }) => {
    if (program) return !findProgram(program);
    if (module) return !pythonHas(module);
    return libraries !== undefined && !libraries.includes(library);
  });
}

/** The libraries the dynamic loader would find; undefined where it cannot be asked (musl, for one). */
function knownLibraries() {
  const loader = ['/sbin/ldconfig', '/usr/sbin/ldconfig'].find((path) => existsSync(path));
  if (!loader) return undefined;
  return [...execFileSync(loader, ['-p'], { encoding: 'utf8' }).matchAll(/^\s+(\S+) /gm)].map(
    ([, name]) => name,
  );
}

function pythonHas(module) {
  return spawnSync('python3', ['-c', `import ${module}`]).status === 0;
}

async function installWithApt(missing) {
  await step('Installing system packages with apt', async (detail) => {
    await apt(['update']);
    const packages = [...new Set(missing.map(({ packages }) => packages.find(aptKnows) ?? packages[0]))];
    detail(packages.length === 1 ? packages[0] : `${packages.length} packages`);
    await apt(['install', '--no-install-recommends', ...packages]);
  }).catch((error) => say(error.message));
}

async function apt(args) {
  const { code, output } = await runChild('apt-get', [...aptOptions, ...args], { env: aptEnvironment });
  if (code !== 0) throw new Error(`apt-get ${args[0]} failed with code ${code}:\n${tail(output, 15)}`);
}

function aptKnows(name) {
  try {
    return /Candidate: (?!\(none\))/.test(execFileSync('apt-cache', ['policy', name], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}

function howToInstall(missing) {
  const names = missing
    .map(({ program, library, module }) => program ?? library ?? `Python's ${module}`)
    .join(', ');
  if (process.platform === 'darwin') return `Missing: ${names}. Install with: brew install ffmpeg`;
  if (isWindows) return `Missing: ${names}. Install with: winget install Gyan.FFmpeg`;
  const packages = [
    ...new Set(missing.map(({ packages }) => packages.find(aptKnows) ?? packages.at(-1))),
  ].join(' ');
  return `Missing: ${names}. Install with: sudo apt-get install ${packages} (Debian, Ubuntu), or what brings them on your system.`;
}
