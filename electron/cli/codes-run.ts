import { dirname, extname, resolve } from 'node:path';
import { AppError } from '../contract/app-error.js';
import type { CodesDocument } from '../contract/codes-document.js';
import type { Progress } from '../contract/job.js';
import type { FileReport } from '../contract/report.js';
import type { Coded, CodedRequest } from '../engine/codes/coded-run.js';
import { assertDistinct } from '../engine/io/output-distinct.js';
import { eraseUnfinished } from '../engine/io/atomic-file.js';
import { TotalProgressMeter } from '../engine/job/total-progress.js';
import type { CommandContext } from './action.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { prepareFolders } from './output-places.js';
import { outcomeWords, progressBar } from './progress-bar.js';
import { progressLines } from './progress-lines.js';
import { Refusal } from './refusal.js';
import { manyViews, type SanitizeView } from './sanitize-view.js';
import { printDocument, type Terminal } from './terminal.js';

/** What `encode` and `decode` were told alike. */
export interface CodesOptions {
  readonly input: string;
  readonly output: string;
  /** of `encode`: where the speaker's voice is to be written too */
  readonly speaker?: string | undefined;
  readonly overwrite: boolean;
  readonly json: boolean;
}

/** How the name of a speaker's voice must end. */
export const speakerEnding = '.spk';

/** Absolute paths. */
type Places = Pick<CodesOptions, 'input' | 'output' | 'speaker'>;

/** Writes the result, whole or not at all. */
export type CodesWork = (request: CodedRequest) => Promise<Coded>;

/**
 * Runs `encode` or `decode`, of one file each: first the place of the result is checked, then the input and what it needs, then it is done.
 * @param ending  that the name of the result must have, with its dot
 * @param open    checks the input, an absolute path, and after it the models; makes nothing
 * @throws AppError for wrong usage and for models that are missing, before anything was started
 */
export async function runCodes(
  options: CodesOptions,
  ending: string,
  open: (input: string) => Promise<CodesWork>,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> {
  const { overwrite } = options;
  const [input, output] = [resolve(options.input), resolve(options.output)];
  const speaker = options.speaker === undefined ? undefined : resolve(options.speaker);
  await checkPlace('-o', input, output, ending);
  if (speaker !== undefined) await checkPlace('--speaker', input, speaker, speakerEnding);
  const folders = [output, ...(speaker === undefined ? [] : [speaker])].map((path) => dirname(path));
  const { work, removeEmpty } = await prepared(open(input), folders);
  const view = viewFor(options.json, terminal);
  const meter = new TotalProgressMeter([null]);
  const onProgress = (progress: Progress): void => {
    meter.advance(0, progress);
    view.progress(0, progress, meter.get());
  };
  // An exit that cannot wait for the cleaning up, at a second Ctrl-C.
  const atExit = (): void => {
    for (const folder of folders) eraseUnfinished(folder);
    removeEmpty();
  };
  process.once('exit', atExit);
  view.started({ inputs: [input], workers: 1 });
  const startedMs = performance.now();
  const places = { input, output, ...(speaker !== undefined && { speaker }) };
  const document = await documentOf(places, signal, () => work({ ...places, overwrite, signal, onProgress }));
  process.off('exit', atExit);
  removeEmpty();
  // What was interrupted stands where it was.
  if (document.status !== 'skipped') meter.end(0);
  view.fileEnded(0, reportOf(document, (performance.now() - startedMs) / 1000), meter.get());
  const { status } = document;
  const count = (one: CodesDocument['status']): number => (status === one ? 1 : 0);
  const counts = { done: count('done'), failed: count('failed'), skipped: count('skipped') };
  view.ended({ ...counts, interrupted: signal.aborted, sharedReportPath: null });
  if (options.json) printDocument(terminal, document);
  if (signal.aborted && status !== 'done') return exitCodes.interrupted;
  return status === 'done' ? exitCodes.done : exitCodes.failed;
}

async function checkPlace(option: string, input: string, output: string, ending: string): Promise<void> {
  try {
    if (extname(output).toLowerCase() !== ending) {
      const message = `Expected ${option} to name a file that ends in ${ending}; found "${output}". Name another file.`;
      throw new AppError('INVALID_ARGUMENT', message);
    }
    await assertDistinct(input, output);
  } catch (error) {
    throw Refusal.of(error);
  }
}

/** What can be started, and what takes its folder away again where nothing came into it. */
interface PreparedWork {
  readonly work: CodesWork;
  readonly removeEmpty: () => void;
}

/**
 * What the input itself lacks is told as a run that failed, with its document, and no folder is made for it; models that are missing
 * are wrong usage.
 */
async function prepared(opening: Promise<CodesWork>, folders: readonly string[]): Promise<PreparedWork> {
  let work: CodesWork;
  try {
    work = await opening;
  } catch (error) {
    const trouble = AppError.from(error);
    if (trouble.code === 'MODEL_NOT_FOUND') throw trouble;
    return { work: () => Promise.reject(trouble), removeEmpty: () => undefined };
  }
  const { removeEmpty } = await prepareFolders(folders);
  return { work, removeEmpty };
}

/** Progress never mixes with a document that is printed. */
function viewFor(json: boolean, terminal: Terminal): SanitizeView {
  const person = terminal.stderr.isTTY === true ? progressBar(terminal) : outcomeWords(terminal);
  if (json || terminal.stdout.isTTY === true) return person;
  return manyViews([progressLines((line) => terminal.stdout.write(`${line}\n`)), person]);
}

async function documentOf(
  places: Places,
  signal: AbortSignal,
  work: () => Promise<Coded>,
): Promise<CodesDocument> {
  const schema = 'sotto.codes/1';
  try {
    return { schema, ...places, status: 'done', ...(await work()) };
  } catch (caught) {
    const error = signal.aborted
      ? new AppError('CANCELLED', 'Not done: the run was interrupted. Start it again for this file.')
      : AppError.from(caught);
    const status = error.code === 'CANCELLED' ? 'skipped' : 'failed';
    return { schema, input: places.input, output: null, status, error: error.toData() };
  }
}

function reportOf(document: CodesDocument, elapsedSeconds: number): FileReport {
  const { input, output, status, error, warnings, sampleFrames, sampleRateHz } = document;
  const report = { input, output, status, ...(error && { error }), ...(warnings && { warnings }) };
  if (sampleFrames === undefined || sampleRateHz === undefined) return report;
  const seconds = sampleFrames / sampleRateHz;
  return { ...report, seconds, realTimeFactor: seconds / elapsedSeconds };
}
