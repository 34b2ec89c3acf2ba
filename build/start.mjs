// npm start: opens the studio with the demo recordings, or does its main job on them where no window can be opened.
// npm start -- FILES opens those instead.
import { readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inRoot, root } from './paths.mjs';
import { runChild } from './process/children.mjs';
import { hasDisplay } from './process/display.mjs';
import { runScript } from './process/script.mjs';
import { say, secondsSince } from './say.mjs';
import { electronExecutable } from './setup/electron-runtime.mjs';
import { prepare } from './setup/prepare.mjs';
import { sandboxArguments } from './setup/sandbox.mjs';

const demo = join('assets', 'demo');
const results = join('out', 'demo');
/** Names its sources, so it does not lie beside what may be shared. */
const report = join('out', 'demo-report', 'internal.json');

await runScript(() => (hasDisplay() ? openStudio() : sanitiseDemo()));

async function openStudio() {
  await prepare({ window: true });
  const files = process.argv.slice(2);
  say(`Opening the studio after ${secondsSince()}`);
  const args = [...sandboxArguments(), root, ...(files.length > 0 ? files : [inRoot(demo)])];
  const { code } = await runChild(electronExecutable(), args, {
    show: 'everything',
    cwd: process.env.INIT_CWD ?? root,
  });
  return code;
}

async function sanitiseDemo() {
  say('No display here: sanitising the demo recordings without a window.');
  await prepare({ window: false });
  rmSync(inRoot(results), { recursive: true, force: true });
  const job = ['sanitize', demo, '--out', results, '--preset', 'clean-only', '--overwrite', '--json', report];
  say(`> sotto ${job.join(' ')}`);
  // Outside a terminal stdout is JSON lines for scripts; whoever reads a log wants the words alone.
  const stdio = process.stdout.isTTY ? 'inherit' : ['ignore', 'ignore', 'inherit'];
  const { code } = await runChild(process.execPath, [inRoot('out', 'main', 'cli.js'), ...job], { stdio });
  if (code === 0) {
    say('');
    say(`Results:  ${results}${listFolder(results)}`);
    say(`Report:   ${report} (yours: it names the sources)`);
    say(`Took ${secondsSince()}. With a display, the same command opens the studio.`);
  }
  return code;
}

function listFolder(folder) {
  const names = readdirSync(inRoot(folder)).sort();
  return names.map((name) => `\n          ${relative(root, inRoot(folder, name))}`).join('');
}
