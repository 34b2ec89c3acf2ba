// Starts the application named on the command line, as the default application of an official Electron does:
// electron [-r MODULE]... [--switch]... FOLDER [argument]...
import { existsSync, readFileSync } from 'node:fs';
import Module from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const { modules, folder } = readArguments(process.argv.slice(1));
if (folder === undefined) {
  process.stderr.write('Expected the folder of an application, found none.\n');
  app.exit(2);
} else {
  Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true });
  Module._preloadModules(modules);
  try {
    // Electron holds `ready` back until this module has run, and applications must run before it: hence the await.
    await start(resolve(folder));
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    app.exit(1);
  }
}

function readArguments(args) {
  const modules = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index];
    if (arg === '-r' || arg === '--require') modules.push(args[(index += 1)]);
    else if (!arg.startsWith('-')) return { modules, folder: arg };
  }
  return { modules, folder: undefined };
}

async function start(path) {
  const manifest = join(path, 'package.json');
  if (existsSync(manifest)) {
    const { name, productName, version } = JSON.parse(readFileSync(manifest, 'utf8'));
    if (version) app.setVersion(version);
    if (productName ?? name) app.setName(productName ?? name);
  }
  app.setAppPath(path);
  await import(pathToFileURL(Module._resolveFilename(path, null, true)).href);
}
