// npm run setup: everything that `npm start` and `npm test` would bring, without starting anything.
// npm run build: the same, as far as the command line needs it. npm run build:kernel: as far as the sources need it to be whole.
import { runScript } from './process/script.mjs';
import { say, secondsSince } from './say.mjs';
import { prepare } from './setup/prepare.mjs';
import { ensurePythonEnvironment } from './setup/python-environment.mjs';

await runScript(async () => {
  if (process.argv.includes('--bundle')) {
    await prepare({ window: false });
    return 0;
  }
  if (process.argv.includes('--kernel')) {
    await prepare({ window: false, bundle: false });
    return 0;
  }
  await prepare({ window: true, tests: true });
  await ensurePythonEnvironment();
  say(`Ready in ${secondsSince()}. Next: npm start, npm test, npm run -s sotto -- --help`);
  return 0;
});
