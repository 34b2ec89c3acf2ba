import type { Command } from 'commander';
import { AppError, type AppErrorData } from '../contract/app-error.js';
import { byteWords } from '../engine/io/output-error.js';
import { modelList } from '../engine/job/model-list.js';
import type { ModelHost } from '../engine/models/model-host.js';
import { filesBeside } from '../engine/models/model-manifest.js';
import type { Action } from './action.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { printable, printDocument, say, type Terminal } from './terminal.js';

const examples = `
Examples:
  sotto models list            the models that are installed, and their compression levels
  sotto models verify          recomputes every checksum, loads every level once and reads the probes
  sotto models list --json     the list as one JSON document

Exit codes: 0 all good, 1 a level or its probes are damaged or do not load, or a folder holds no usable model; 2 wrong usage.`;

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

/** What became of a check. */
interface Outcome {
  readonly ok: boolean;
  readonly error?: AppErrorData;
}

interface CheckedPart extends Outcome {
  readonly model: string;
  /** the level itself, or the one that the probes were fitted on */
  readonly level: string;
}

interface CheckedBeside extends Outcome {
  readonly model: string;
  /** as the manifest names it */
  readonly file: string;
}

async function verifyModels(
  models: ModelHost,
  json: boolean,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const levels: CheckedPart[] = [];
  const probes: CheckedPart[] = [];
  const files: CheckedBeside[] = [];
  const { problems } = models;
  sayProblems(models, terminal);
  const note = <Part extends CheckedPart | CheckedBeside>(list: Part[], part: Part, name: string): void => {
    list.push(part);
    const words = part.error === undefined ? 'good' : printable(part.error.message);
    if (!json) terminal.stdout.write(`${part.model} ${name}: ${words}\n`);
  };
  for (const manifest of models.list()) {
    const { id } = manifest;
    for (const level of manifest.levels) {
      if (signal.aborted) return exitCodes.interrupted;
      const outcome = await verified(() => loadLevel(models, id, level.id));
      note(levels, { model: id, level: level.id, ...outcome }, level.id);
    }
    for (const beside of filesBeside(manifest)) {
      const outcome = await verified(() => models.fileOf(id, beside));
      note(files, { model: id, file: beside.file, ...outcome }, beside.file);
    }
    const level = manifest.probes?.level;
    if (level !== undefined) {
      note(probes, { model: id, level, ...(await verified(() => models.probesOf(id))) }, 'probes');
    }
  }
  if (json) printDocument(terminal, { schema: 'sotto.models-check/1', levels, files, probes, problems });
  else if (levels.length === 0) terminal.stdout.write('No models are installed.\n');
  const whole =
    levels.length > 0 && problems.length === 0 && [...levels, ...files, ...probes].every(({ ok }) => ok);
  return whole ? exitCodes.done : exitCodes.failed;
}

/** Opening a level reads its weights, compares their checksum and makes a session of them. */
async function loadLevel(models: ModelHost, model: string, level: string): Promise<void> {
  (await models.open(model, level)).release();
}

async function verified(check: () => Promise<unknown>): Promise<Outcome> {
  try {
    await check();
    return { ok: true };
  } catch (error) {
    return { ok: false, error: AppError.from(error).toData() };
  }
}
