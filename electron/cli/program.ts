import { Command, CommanderError } from 'commander';
import { AppError, type ErrorCode } from '../contract/app-error.js';
import { version } from '../../package.json' with { type: 'json' };
import type { ModelHost } from '../engine/models/model-host.js';
import type { Action } from './action.js';
import { addAnalyseCommand } from './analyse-command.js';
import { addBenchCommand } from './bench-command.js';
import { addDecodeCommand } from './decode-command.js';
import { addEncodeCommand } from './encode-command.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { addInspectCommand } from './inspect-command.js';
import { addLaterCommands } from './later-commands.js';
import { addModelsCommand } from './models-command.js';
import { Refusal } from './refusal.js';
import { addSanitizeCommand } from './sanitize-command.js';
import { runSanitize } from './sanitize-run.js';
import { printable, say, type Terminal } from './terminal.js';

/** Codes that speak of what was said on the command line, wherever it was found out. */
const usageCodes: ReadonlySet<ErrorCode> = new Set([
  'INVALID_ARGUMENT',
  'PRESET_INVALID',
  'STAGE_NOT_AVAILABLE',
  'MODEL_NOT_FOUND',
] as const);

/**
 * Parses `words` and runs the command they name.
 * @param words       what stands after the program's name
 * @param openModels  opens the model host
 * @returns the exit code; never rejects for anything the user can cause
 */
export async function runProgram(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
  openModels: () => ModelHost,
): Promise<ExitCode> {
  let models: ModelHost | null = null;
  let chosen: Action | null = null;
  const program = createProgram(terminal, (action) => {
    chosen = action;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    const action = chosen as Action | null;
    if (action === null) return exitCodes.done;
    return await action({ terminal, signal, models: () => (models ??= openModels()) });
  } catch (error) {
    return answerError(error, terminal, signal);
  } finally {
    await (models as ModelHost | null)?.close();
  }
}

function createProgram(terminal: Terminal, choose: (action: Action) => void): Command {
  const program = new Command('sotto')
    .description('Sanitise recordings on this machine: nothing is sent anywhere.')
    .version(version)
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .showHelpAfterError('Run it with --help to see what it takes.')
    .exitOverride();
  addSanitizeCommand(program, (paths, options) => {
    choose((context) => runSanitize(paths, options, context.models(), terminal, context.signal));
  });
  addInspectCommand(program, choose);
  addAnalyseCommand(program, choose);
  addEncodeCommand(program, choose);
  addDecodeCommand(program, choose);
  addModelsCommand(program, choose);
  addBenchCommand(program, choose);
  addLaterCommands(program, choose);
  return program;
}

function answerError(error: unknown, terminal: Terminal, signal: AbortSignal): ExitCode {
  // Commander has already said what it had to say; its own code for wrong usage would be 1.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (signal.aborted) return exitCodes.interrupted;
  const { code, message, stack } = AppError.from(error);
  say(terminal, `sotto: ${printable(message)} [${code}]`);
  if (error instanceof Refusal || usageCodes.has(code)) return exitCodes.usage;
  if (code === 'INTERNAL') say(terminal, error instanceof Error ? (error.stack ?? '') : (stack ?? ''));
  return exitCodes.failed;
}
