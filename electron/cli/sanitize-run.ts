import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../contract/app-error.js';
import type { FileReport } from '../contract/report.js';
import { eraseUnfinished } from '../engine/io/atomic-file.js';
import { runBatch } from '../engine/job/batch.js';
import { dataFolder } from '../engine/job/data-folder.js';
import { eraseLeftovers } from '../engine/job/leftovers.js';
import { holdsNoRecording, listInputs, type ListedInput } from '../engine/job/list-inputs.js';
import { NameMapping } from '../engine/job/name-mapping.js';
import { planOutputs, type PlannedOutput } from '../engine/job/plan.js';
import { internalReport, writeJson, writeShareableReport } from '../engine/job/report-files.js';
import { neutralName } from '../engine/job/shareable-report.js';
import { runJob } from '../engine/job/run-job.js';
import { currentCapacity, workerCount } from '../engine/job/worker-count.js';
import type { ModelHost } from '../engine/models/model-host.js';
import { checkChain } from '../engine/processors/chain.js';
import { EngineThreads } from '../engine/server/engine-threads.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { checkReportPlace, prepareFolders } from './output-places.js';
import { presetFile } from './presets.js';
import { outcomeWords, progressBar } from './progress-bar.js';
import { progressLines } from './progress-lines.js';
import { Refusal } from './refusal.js';
import { settingsFromOptions, type SettingOptions } from './sanitize-settings.js';
import { manyViews, type SanitizeView } from './sanitize-view.js';
import { printable, say, type Terminal } from './terminal.js';

/** Of a long list; the rest is counted. */
const namesSaid = 3;

/** Everything `sanitize` was told. */
export interface SanitizeOptions extends SettingOptions {
  readonly out: string;
  readonly overwrite: boolean;
  /** null: as many as there are cores */
  readonly jobs: number | null;
  /** where the internal report goes; null for nowhere */
  readonly json: string | null;
}

/** A run whose every word was checked: nothing that the user said can stop it any more. */
interface CheckedRun {
  readonly settings: Awaited<ReturnType<typeof settingsFromOptions>>;
  readonly folder: string;
  readonly inputs: readonly ListedInput[];
  readonly reportPath: string | null;
}

/**
 * Runs `sanitize`: first everything that was said is checked, then all files are processed, then the reports are written.
 * @param paths   files or folders
 * @param signal  aborted by Ctrl-C; what is half-written is removed
 * @returns the exit code
 * @throws AppError for wrong usage, before anything was started
 */
export async function runSanitize(
  paths: readonly string[],
  options: SanitizeOptions,
  models: ModelHost,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const run = await checkRun(paths, options, models, signal);
  const { folder, reportPath } = run;
  const folders = await prepareFolders(reportPath === null ? [folder] : [folder, dirname(reportPath)]);
  // An exit that cannot wait for the jobs to clean up, at a second Ctrl-C.
  const atExit = (): void => {
    eraseUnfinished(folder);
    folders.removeEmpty();
  };
  process.once('exit', atExit);
  try {
    await tellOfFolders(run, folders.created, terminal);
    return await processAll(run, options, models, terminal, signal);
  } finally {
    process.off('exit', atExit);
    // Only then: what came to its end leaves the folder to another run, which may be about to write into it.
    if (signal.aborted && folders.removeEmpty()) {
      say(terminal, 'Removed the new folder again: nothing was written into it.');
    }
  }
}

async function processAll(
  run: CheckedRun,
  options: SanitizeOptions,
  models: ModelHost,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const plans = await planAll(run, options.overwrite, signal);
  const workers = workerCount(options.jobs, plans.length, currentCapacity());
  if (options.jobs !== null && workers < Math.min(options.jobs, plans.length)) {
    say(terminal, `Running ${workers} at once instead of ${options.jobs}: there is no memory for more.`);
  }
  const mapping = new NameMapping(dataFolder(process.env, process.platform));
  const view = viewFor(terminal);
  view.started({ inputs: plans.map(({ input }) => input), workers });
  const listener = withMapping(view, mapping, run.settings.export.names, terminal);
  const { settings } = run;
  const { overwrite } = options;
  // One file alone is quickest here; several get a thread each, since one thread cannot keep two cores busy.
  const threads = workers > 1 ? new EngineThreads(join(import.meta.dirname, 'engine.js')) : null;
  let reports: FileReport[];
  try {
    reports = await runBatch({
      ...{ plans, settings, overwrite, workers, signal, listener },
      runJob: (request) => threads?.run(request) ?? runJob(request, { models }),
    });
  } finally {
    await threads?.close();
  }
  // A warning only: the results are complete, and nobody asked for the list.
  await listener.mappingWritten();
  return await finish(run, options, reports, view, terminal, signal);
}

async function checkRun(
  paths: readonly string[],
  options: SanitizeOptions,
  models: ModelHost,
  signal: AbortSignal,
): Promise<CheckedRun> {
  const settings = await settingsFromOptions(options, models.list());
  checkChain(settings.chain, models);
  const folder = resolve(options.out);
  const inputs = await listInputs(paths, folder, signal);
  // Without a single recording there is no job; with some, each bad path is one failed entry.
  if (await holdsNoRecording(inputs)) {
    const none = new AppError('INVALID_ARGUMENT', 'Expected files or folders; found none.');
    throw Refusal.of(inputs[0]?.error ?? none);
  }
  const reportPath = options.json === null ? null : resolve(options.json);
  if (reportPath !== null) {
    const preset = presetFile(options.preset);
    const sources = [...inputs.map(({ path }) => path), ...(preset === null ? [] : [preset])];
    await checkReportPlace(reportPath, { sources, folder });
  }
  return { settings, folder, inputs, reportPath };
}

async function tellOfFolders(
  { settings, folder, inputs, reportPath }: CheckedRun,
  created: readonly string[],
  terminal: Terminal,
): Promise<void> {
  if (reportPath !== null && dirname(reportPath) === folder) {
    say(
      terminal,
      'The report of --json names the recordings and lies among the results: do not share it with them.',
    );
  }
  for (const made of created) say(terminal, `Created the folder ${printable(made)}.`);
  const own = inputs.filter(({ path }) => dirname(path) === folder && neutralName.test(basename(path)));
  if (own.length > 0) {
    const names = own.slice(0, namesSaid).map(({ path }) => basename(path));
    const more = own.length > namesSaid ? ` and ${own.length - namesSaid} more` : '';
    say(
      terminal,
      `Taken as recordings too: ${own.length} in --out with names of results (${names.join(', ')}${more}). ` +
        'Name another --out to leave them alone.',
    );
  }
  if (settings.export.names === 'source') {
    say(
      terminal,
      'Results are named after the recordings, which may give people away. "--names neutral" does not.',
    );
  }
  const erased = await eraseLeftovers(folder);
  if (erased.length > 0) say(terminal, `Erased what an interrupted run had begun: ${erased.join(', ')}.`);
}

/** Plans the readable inputs together and keeps the others in their places. */
async function planAll(run: CheckedRun, overwrite: boolean, signal: AbortSignal): Promise<PlannedOutput[]> {
  const { folder, settings } = run;
  const pathsOf = (inputs: readonly ListedInput[]): string[] => inputs.map(({ path }) => path);
  const inputs = pathsOf(run.inputs.filter(({ error }) => error === null));
  const reserved = pathsOf(run.inputs.filter(({ error }) => error !== null));
  const planned = await planOutputs({ inputs, folder, settings, overwrite, reserved }, signal);
  const waiting = [...planned];
  return run.inputs.map(({ path, error }) => {
    if (error !== null)
      return { input: path, output: null, error, facts: null, notes: [], estimatedSampleFrames: null };
    const plan = waiting.shift();
    if (plan === undefined) throw new AppError('INTERNAL', `No output was planned for ${path}.`);
    return plan;
  });
}

function viewFor(terminal: Terminal): SanitizeView {
  const person = terminal.stderr.isTTY === true ? progressBar(terminal) : outcomeWords(terminal);
  if (terminal.stdout.isTTY === true) return person;
  return manyViews([progressLines((line) => terminal.stdout.write(`${line}\n`)), person]);
}

/** Notes which neutral name belongs to whom as soon as a file is done, so that a crash later loses nothing. */
function withMapping(
  view: SanitizeView,
  mapping: NameMapping,
  names: string,
  terminal: Terminal,
): SanitizeView & { mappingWritten(): Promise<void> } {
  const writes: Promise<void>[] = [];
  return {
    ...view,
    fileEnded: (index, report, total) => {
      view.fileEnded(index, report, total);
      if (report.status === 'done' && report.output !== null && names === 'neutral') {
        writes.push(mapping.add(report.input, report.output));
      }
    },
    mappingWritten: async () => {
      const failed = (await Promise.allSettled(writes)).find((write) => write.status === 'rejected');
      if (failed === undefined) return;
      const { message } = AppError.from(failed.reason);
      say(
        terminal,
        `Warning: which result belongs to which recording could not be noted: ${printable(message)}`,
      );
      say(terminal, 'Set SOTTO_DATA to a folder of your own, or keep the report of --json.');
    },
  };
}

async function finish(
  run: CheckedRun,
  options: SanitizeOptions,
  reports: readonly FileReport[],
  view: SanitizeView,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const count = (status: FileReport['status']): number =>
    reports.filter((report) => report.status === status).length;
  const done = count('done');
  const missing: string[] = [];
  // Each by itself: that one cannot be written must not cost the other.
  const write = async <T>(report: () => Promise<T>): Promise<T | null> => {
    try {
      return await report();
    } catch (error) {
      missing.push(printable(AppError.from(error).message));
      return null;
    }
  };
  const { reportPath } = run;
  if (reportPath !== null) {
    // It names the sources and what their containers gave away: for its owner's eyes, as the list of names is.
    await write(() => writeJson(reportPath, internalReport(reports), 0o600));
  }
  const sharedReportPath =
    done === 0 ? null : await write(() => writeShareableReport(run.folder, reports, options.overwrite));
  for (const reason of missing) {
    say(terminal, `The results are complete, but a report is missing. ${reason}`);
  }
  const interrupted = signal.aborted;
  view.ended({ done, failed: count('failed'), skipped: count('skipped'), interrupted, sharedReportPath });
  if (interrupted) return exitCodes.interrupted;
  return done === reports.length && missing.length === 0 ? exitCodes.done : exitCodes.failed;
}
