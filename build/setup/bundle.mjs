import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from '../paths.mjs';
import { runChild } from '../process/children.mjs';
import { step, tail } from '../say.mjs';
import { hashSources } from './checksum.mjs';

const sources = ['electron', 'renderer', 'electron.vite.config.ts', 'package.json', 'package-lock.json'];
const isTest = /\.(test|fake)\.ts$/;
const stamp = inRoot('out', 'bundle.sha256');
const entries = [
  'main/index.js',
  'main/engine.js',
  'main/model-thread.js',
  'main/lane-thread.js',
  'main/cli.js',
  'preload/index.cjs',
  'renderer/index.html',
];

/** Builds main, engine, command line, preload and renderer into out/, unless their sources are those of the last build. */
export async function ensureBundle() {
  const hash = hashSources(sources, (path) => !isTest.test(path));
  const isWhole = entries.every((entry) => existsSync(inRoot('out', entry)));
  if (isWhole && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  await step('Building', async () => {
    const tool = inRoot('node_modules', 'electron-vite', 'bin', 'electron-vite.js');
    const { code, output } = await runChild(process.execPath, [tool, 'build', '--logLevel', 'warn']);
    if (code !== 0) throw new Error(`The build failed with code ${code}:\n${tail(output)}`);
    writeFileSync(stamp, hash);
  });
}
