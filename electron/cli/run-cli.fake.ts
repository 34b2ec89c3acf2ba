import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { DirectModelHost } from '../engine/models/direct-model-host.js';
import { modelsRoot } from '../engine/models/manifests.js';
import { runProgram } from './program.js';

/** The built command line, as its users run it; `SOTTO_CLI` names another build. */
const script = process.env['SOTTO_CLI'] ?? join(import.meta.dirname, '../../out/main/cli.js');

/** How a run of the command line ended. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @see runCli */
export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** told of every piece of standard output, with a way to send a signal */
  readonly onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/**
 * Runs the built command line to its end. Both outputs are pipes, so progress comes as JSON lines.
 * @param dataFolder  where the run may keep what is private
 */
export function runCli(
  words: readonly string[],
  dataFolder: string,
  options: CliOptions = {},
): Promise<CliRun> {
  if (!existsSync(script))
    throw new Error(`Expected the built command line at ${script}: run "npm run build" first.`);
  const child = spawn(process.execPath, [script, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { ...process.env, SOTTO_DATA: dataFolder, ...options.env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString();
    options.onOutput?.(text.toString(), (signal) => child.kill(signal));
  });
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * Runs one command in this process, quicker than {@link runCli} and for what needs neither signals nor a real exit.
 * @param folder      receives what is private
 * @param modelsFrom  folder of the models; the repository's own when missing
 */
export async function runHere(
  words: readonly string[],
  folder: string,
  modelsFrom = modelsRoot(),
): Promise<CliRun> {
  const before = process.env['SOTTO_DATA'];
  process.env['SOTTO_DATA'] = join(folder, 'data');
  const terminal = { stdout: new PassThrough(), stderr: new PassThrough() };
  const { signal } = new AbortController();
  try {
    const code = await runProgram(words, terminal, signal, () => new DirectModelHost(modelsFrom));
    const textOf = (stream: PassThrough): string => String((stream.read() as Buffer | null) ?? '');
    return { code, stdout: textOf(terminal.stdout), stderr: textOf(terminal.stderr) };
  } finally {
    if (before === undefined) delete process.env['SOTTO_DATA'];
    else process.env['SOTTO_DATA'] = before;
  }
}
