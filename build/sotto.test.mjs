import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inRoot, isWindows } from './paths.mjs';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-build-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function writeProgram(name, text) {
  const path = join(folder, 'bin', name);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
}

/** A clone in which nothing is installed yet, with an npm that never ends and notes its process id. */
async function writeFreshClone() {
  await mkdir(join(folder, 'bin'));
  for (const name of ['build', 'package.json', 'package-lock.json']) {
    await cp(inRoot(name), join(folder, name), { recursive: true });
  }
  for (const name of ['ffmpeg', 'ffprobe']) await writeProgram(name, 'exit 0');
  await writeProgram('npm', `echo $$ > "${join(folder, 'npm.pid')}"\nexec sleep 120`);
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}

describe('the script of the command line', () => {
  it.skipIf(isWindows).each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('ends the set-up it has started when it hears %s', async (signal, expected) => {
    await writeFreshClone();
    const script = spawn(process.execPath, [join(folder, 'build', 'sotto.mjs'), '--help'], {
      env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, HOME: folder },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => script.once('exit', resolve));
    const npm = await vi.waitFor(
      async () => {
        const text = await readFile(join(folder, 'npm.pid'), 'utf8');
        expect(text).toMatch(/^\d+\n$/);
        return Number(text);
      },
      { timeout: 15_000 },
    );
    try {
      script.kill(signal);
      expect(await ended).toBe(expected);
      expect(isRunning(npm)).toBe(false);
    } finally {
      if (isRunning(npm)) process.kill(npm, 'SIGKILL');
    }
  });
});
