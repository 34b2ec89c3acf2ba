import { dirname, resolve } from 'node:path';
import { AppError } from '../contract/app-error.js';
import type { Progress } from '../contract/job.js';
import type { LaneName } from '../contract/lanes.js';
import type { FileReport } from '../contract/report.js';
import { lanesEntry, type LanesEntry } from '../engine/analysis/lanes-document.js';
import type { LaneNet } from '../engine/analysis/lane-analyser.js';
import { openLaneNet } from '../engine/analysis/open-lane-net.js';
import { analyseInput } from '../engine/job/analyse-input.js';
import { holdsNoRecording, listInputs, type ListedInput } from '../engine/job/list-inputs.js';
import { TotalProgressMeter } from '../engine/job/total-progress.js';
import type { CommandContext } from './action.js';
import { analysisWords } from './analyse-words.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { printedLanes, savedLanes, type LanesWriter } from './lanes-writer.js';
import { checkReportPlace, prepareFolders } from './output-places.js';
import { fileLine, outcomeWords, progressBar } from './progress-bar.js';
import { progressLines } from './progress-lines.js';
import { Refusal } from './refusal.js';
import { manyViews, type SanitizeView } from './sanitize-view.js';
import { printable, say, type Terminal } from './terminal.js';

/** Everything `analyse` was told. */
export interface AnalyseOptions {
  /** files or folders */
  readonly paths: readonly string[];
  /** true: the document is printed; a path: it is written there; null: words for a person */
  readonly json: string | true | null;
}

/** What one input came to. */
interface Outcome {
  readonly entry: LanesEntry;
  readonly report: FileReport;
  /** lanes that the net cannot tell */
  readonly untold: readonly LaneName[];
}

/**
 * Runs `analyse`: first everything that was said is checked, then one file after the other is decoded and measured.
 * After an interruption the document is still whole: it has an entry for every input, those left out with code CANCELLED.
 * @throws AppError for wrong usage, before anything was decoded; MODEL_NOT_FOUND where no gated net is installed
 */
export async function runAnalyse(options: AnalyseOptions, context: CommandContext): Promise<ExitCode> {
  const { terminal, signal } = context;
  const net = await openLaneNet(context.models());
  const inputs = await checkedInputs(options, terminal, signal);
  const writer = openWriter(options, terminal);
  const view = viewFor(options, terminal);
  const meter = new TotalProgressMeter(inputs.map(() => null));
  const words: string[] = [];
  const counts = { done: 0, failed: 0, skipped: 0 };
  view.started({ inputs: inputs.map(({ path }) => path), workers: 1 });
  try {
    for (const [index, input] of inputs.entries()) {
      const follow = (progress: Progress): void => {
        meter.advance(index, progress);
        view.progress(index, progress, meter.get());
      };
      const { entry, report, untold } = await analyseOne(input, net, signal, follow);
      counts[report.status] += 1;
      words.push(analysisWords(entry, { notes: report.warnings ?? [], untold }));
      await writer?.write(entry);
      if (report.status !== 'skipped') meter.end(index);
      view.fileEnded(index, report, meter.get());
    }
    await writer?.finish();
  } finally {
    await writer?.abort();
    view.ended({ ...counts, interrupted: signal.aborted, sharedReportPath: null });
  }
  if (options.json === null) terminal.stdout.write(`${words.join('\n\n')}\n`);
  if (signal.aborted) return exitCodes.interrupted;
  return counts.failed === 0 ? exitCodes.done : exitCodes.failed;
}

async function checkedInputs(
  { paths, json }: AnalyseOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ListedInput[]> {
  const inputs = await listInputs(paths, null, signal);
  // Without a single recording there is nothing to do; with some, each bad path is one entry.
  if (await holdsNoRecording(inputs)) {
    const none = new AppError('INVALID_ARGUMENT', 'Expected files or folders; found none.');
    throw Refusal.of(inputs[0]?.error ?? none);
  }
  if (typeof json === 'string') {
    const path = resolve(json);
    await checkReportPlace(path, { sources: inputs.map((input) => input.path), folder: null });
    const { created } = await prepareFolders([dirname(path)]);
    for (const folder of created) say(terminal, `Created the folder ${printable(folder)}.`);
  }
  return inputs;
}

function openWriter({ json }: AnalyseOptions, terminal: Terminal): LanesWriter | null {
  if (json === null) return null;
  return json === true ? printedLanes(terminal.stdout) : savedLanes(resolve(json));
}

/**
 * Progress never mixes with what is printed: lines for a script only where the document goes to a file, and no words about single
 * files, with a bar or without, where the words printed at the end say how each went.
 */
function viewFor({ json }: AnalyseOptions, terminal: Terminal): SanitizeView {
  const words = json === null ? manyViews([]) : outcomeWords(terminal);
  const lineOf = json === null ? (): null => null : fileLine;
  const person = terminal.stderr.isTTY === true ? progressBar(terminal, lineOf) : words;
  if (typeof json !== 'string' || terminal.stdout.isTTY === true) return person;
  return manyViews([progressLines((line) => terminal.stdout.write(`${line}\n`)), person]);
}

async function analyseOne(
  { path, error }: ListedInput,
  net: LaneNet,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Outcome> {
  try {
    if (error !== null) throw error;
    const startedMs = performance.now();
    const { lanes, warnings } = await analyseInput({ path, signal, onProgress }, net);
    const { seconds } = lanes;
    const realTimeFactor = seconds / ((performance.now() - startedMs) / 1000);
    const report = { input: path, output: null, status: 'done', seconds, realTimeFactor, warnings } as const;
    return { entry: lanesEntry(path, lanes), report, untold: lanes.untold };
  } catch (caught) {
    const found = signal.aborted
      ? new AppError('CANCELLED', 'Not analysed: the run was interrupted. Start it again for this file.')
      : AppError.from(caught);
    const { code, message } = found;
    const status = code === 'CANCELLED' ? 'skipped' : 'failed';
    const report = { input: path, output: null, status, error: found.toData() } as const;
    return { entry: { input: path, error: { code, message } }, report, untold: [] };
  }
}
