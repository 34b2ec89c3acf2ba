import { basename } from 'node:path';
import type { Command } from 'commander';
import type { z } from 'zod';
import type { Inspection, inspectionDocumentSchema } from '../contract/inspection.js';
import { listInputs, type ListedInput } from '../engine/job/list-inputs.js';
import { inspect } from '../engine/io/inspect/inspect.js';
import type { Action } from './action.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { somePaths } from './some-path.js';
import { clockTime, printable, printDocument, type Terminal } from './terminal.js';

const examples = `
Examples:
  sotto inspect interview.wav          what its container gives away, in words
  sotto inspect recordings/ --json     the same as one JSON document

Exit codes: 0 all read, 1 at least one file could not be read, 2 wrong usage, 130 interrupted.`;

/** Adds `inspect`: what the container of a recording gives away. */
export function addInspectCommand(program: Command, choose: (action: Action) => void): void {
  program
    .command('inspect')
    .description('what the containers give away, in words; nothing is changed')
    .argument('<files or folders...>', 'recordings, or folders of recordings', somePaths)
    .option('--json', 'print one JSON document (sotto.inspection/1)')
    .addHelpText('after', examples)
    .action((paths: string[], { json = false }: { json?: boolean }) => {
      choose(({ terminal, signal }) => inspectAll(paths, json, terminal, signal));
    });
}

async function inspectAll(
  paths: readonly string[],
  json: boolean,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const inspections: Inspection[] = [];
  for (const input of await listInputs(paths, null, signal)) {
    if (signal.aborted) return exitCodes.interrupted;
    const inspection = await inspectOne(input, signal);
    inspections.push(inspection);
    if (!json) terminal.stdout.write(`${inspectionWords(inspection)}\n`);
  }
  const document: z.infer<typeof inspectionDocumentSchema> = {
    schema: 'sotto.inspection/1',
    files: inspections,
  };
  if (json) printDocument(terminal, document);
  return inspections.some(({ error }) => error !== undefined) ? exitCodes.failed : exitCodes.done;
}

async function inspectOne({ path, error }: ListedInput, signal: AbortSignal): Promise<Inspection> {
  if (error === null) return inspect(path, signal);
  return { input: path, facts: null, leaks: [], warnings: [], error: error.toData() };
}

/** @returns one recording's findings as a person reads them */
export function inspectionWords({ input, facts, leaks, warnings, error }: Inspection): string {
  const lines = [printable(basename(input))];
  if (facts !== null) {
    const frames = facts.declaredSampleFrames;
    const length = frames === null ? '' : `, ${clockTime(frames / facts.sampleRateHz)}`;
    const channels = facts.channels === 1 ? '1 channel' : `${facts.channels} channels`;
    lines.push(`  ${facts.container} (${facts.codec}), ${facts.sampleRateHz} Hz, ${channels}${length}`);
  }
  if (error !== undefined) lines.push(`  cannot be read: ${printable(error.message)} [${error.code}]`);
  else if (leaks.length === 0) lines.push('  nothing found besides the sound');
  for (const leak of leaks) {
    lines.push(
      `  ${leak.kind.padEnd(9)} ${leak.meaning}: ${printable(leak.value)}  (${printable(leak.where)})`,
    );
  }
  for (const warning of warnings) lines.push(`  note      ${printable(warning.message)}`);
  return lines.join('\n');
}
