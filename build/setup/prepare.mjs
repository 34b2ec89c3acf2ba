import { inRoot, isLinux } from '../paths.mjs';
import { withLock } from '../process/lock.mjs';
import { ensureBundle } from './bundle.mjs';
import { ensureElectronRuntime } from './electron-runtime.mjs';
import { ensureFrameKernel } from './frame-kernel.mjs';
import { ensureNodePackages } from './node-packages.mjs';
import { mediaPrograms, testPrograms, windowLibraries } from './system-needs.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

/**
 * Brings everything that a command needs and that is not there yet; quick when nothing changed.
 * @param {object} what
 * @param {boolean} what.window whether a window will be opened
 * @param {boolean} [what.tests] whether the tests will run
 * @param {boolean} [what.bundle] whether anything built will run
 */
export function prepare({ window, tests = false, bundle = true }) {
  const needs = [
    ...mediaPrograms,
    ...(window && isLinux ? windowLibraries : []),
    ...(tests && isLinux ? testPrograms : []),
  ];
  return withLock(inRoot('out', 'setup.lock'), async () => {
    await ensureSystemPackages(needs);
    await ensureNodePackages();
    // Before anything reads the sources: they import what it makes.
    await ensureFrameKernel();
    if (window) await ensureElectronRuntime();
    if (bundle) await ensureBundle();
  });
}
