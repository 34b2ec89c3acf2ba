import type { Command } from 'commander';
import { AppError, type AppErrorData } from '../contract/app-error.js';
import { byteWords } from '../engine/io/output-error.js';
import { modelList } from '../engine/job/model-list.js';
import type { ModelHost } from '../engine/models/model-host.js';
import type { Action } from './action.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { printable, printDocument, say, type Terminal } from './terminal.js';

const examples = `
Examples:
  sotto models list            the models that are installed, and their compression levels
  sotto models verify          recomputes every checksum and loads every level once
  sotto models list --json     the list as one JSON document

Exit codes: 0 all good, 1 a level is damaged or does not load, or a folder holds no usable model; 2 wrong usage.`;

/** Adds `models list` and `models verify`. */
export function addModelsCommand(program: Command, choose: (action: Action) => void): void {
  const models = program
    .command('models')
    .description('what is installed in native-models/, and whether it is whole')
    .addHelpText('after', examples);
  models
    .command('list')
    .description('models and their compression levels')
    .option('--json', 'print one JSON document (sotto.models/1)')
    .addHelpText('after', examples)
    .action(({ json = false }: { json?: boolean }) => {
      choose((context) => Promise.resolve(listModels(context.models(), json, context.terminal)));
    });
  models
    .command('verify')
    .description('recompute every checksum and load every level once')
    .option('--json', 'print one JSON document (sotto.models-check/1)')
    .addHelpText('after', examples)
    .action(({ json = false }: { json?: boolean }) => {
      choose((context) => verifyModels(context.models(), json, context.terminal, context.signal));
    });
}

function listModels(models: ModelHost, json: boolean, terminal: Terminal): ExitCode {
  const list = modelList(models);
  sayProblems(models, terminal);
  if (json) {
    printDocument(terminal, list);
    return exitCodes.done;
  }
  if (list.models.length === 0) terminal.stdout.write('No models are installed.\n');
  for (const model of list.models) {
    terminal.stdout.write(`${model.id}  (${model.stage})  ${model.title}  [${model.licence}]\n`);
    for (const level of model.levels) {
      const size = byteWords(level.sizeBytes).padStart(9);
      terminal.stdout.write(`  ${level.id.padEnd(12)} ${size}  sha256 ${level.sha256}\n`);
    }
  }
  return exitCodes.done;
}

/** What was left out concerns a person, and is no part of the list that a script reads. */
function sayProblems({ problems }: ModelHost, terminal: Terminal): void {
  for (const problem of problems) say(terminal, `Left out: ${printable(problem)}`);
}

interface CheckedLevel {
  readonly model: string;
  readonly level: string;
  readonly ok: boolean;
  readonly error?: AppErrorData;
}

async function verifyModels(
  models: ModelHost,
  json: boolean,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const checked: CheckedLevel[] = [];
  const { problems } = models;
  sayProblems(models, terminal);
  for (const { id, levels } of models.list()) {
    for (const level of levels) {
      if (signal.aborted) return exitCodes.interrupted;
      const result = await verifyLevel(models, id, level.id);
      checked.push(result);
      const words = result.error === undefined ? 'good' : printable(result.error.message);
      if (!json) terminal.stdout.write(`${id} ${level.id}: ${words}\n`);
    }
  }
  if (json) printDocument(terminal, { schema: 'sotto.models-check/1', levels: checked, problems });
  else if (checked.length === 0) terminal.stdout.write('No models are installed.\n');
  const whole = checked.length > 0 && problems.length === 0 && checked.every(({ ok }) => ok);
  return whole ? exitCodes.done : exitCodes.failed;
}

/** Opening a level reads its weights, compares their checksum and makes a session of them. */
async function verifyLevel(models: ModelHost, model: string, level: string): Promise<CheckedLevel> {
  try {
    const session = await models.open(model, level);
    session.release();
    return { model, level, ok: true };
  } catch (error) {
    return { model, level, ok: false, error: AppError.from(error).toData() };
  }
}
