import { basename } from 'node:path';
import cliProgress from 'cli-progress';
import type { FileReport } from '../contract/report.js';
import type { TotalProgress } from '../engine/job/total-progress.js';
import type { SanitizeView } from './sanitize-view.js';
import { similarityLine } from './similarity-words.js';
import { clockTime, printable, say, type Terminal } from './terminal.js';

/** Steps of the bar: finer than any terminal is wide. */
const barSteps = 1000;

/**
 * One bar over all files with the time left, a line for each file as it ends, and a summary.
 * @param lineOf  the line of a file; null for none
 */
export function progressBar(
  terminal: Terminal,
  lineOf: (report: FileReport) => string | null = fileLine,
): SanitizeView {
  const bars = new cliProgress.MultiBar(
    {
      stream: terminal.stderr,
      format: '{bar} {percentage}%  {ended}/{files} files  {left}  {pace}  {name}',
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
      fps: 10,
    },
    cliProgress.Presets.shades_grey,
  );
  const bar = bars.create(barSteps, 0, { ended: 0, files: 0, left: '', pace: '', name: '' });
  let names: string[] = [];
  /** lines that wait for the bar's next drawing, above which they are printed */
  const waiting: string[] = [];
  bars.on('redraw-post', () => (waiting.length = 0));
  const show = (total: TotalProgress, more: Record<string, string>): void => {
    const left = total.etaSeconds === null ? '' : `${clockTime(total.etaSeconds)} left`;
    const payload = { ended: total.filesEnded, files: total.files, left, ...more };
    bar.update(Math.round((total.fraction ?? 0) * barSteps), payload);
  };
  return {
    started: (start) => {
      names = start.inputs.map((path) => printable(basename(path)));
      bar.update(0, { files: names.length });
    },
    progress: (index, progress, total) => {
      const pace = progress.realTimeFactor === null ? '' : `${progress.realTimeFactor.toFixed(0)}x`;
      const name = `${names[index] ?? ''}${progress.phase === 'prove' ? ' (proving)' : ''}`;
      show(total, { pace, name });
    },
    fileEnded: (_index, report, total) => {
      const line = lineOf(report);
      if (line !== null) {
        waiting.push(line);
        bars.log(`${line}\n`);
      }
      show(total, {});
    },
    ended: ({ done, failed, skipped, sharedReportPath }) => {
      bars.stop();
      for (const line of waiting) say(terminal, line);
      const counts = [`${done} done`, ...(failed > 0 ? [`${failed} failed`] : [])];
      if (skipped > 0) counts.push(`${skipped} not processed`);
      say(terminal, counts.join(', '));
      if (sharedReportPath !== null) {
        say(terminal, `Report that may be shared: ${printable(sharedReportPath)}`);
      }
    },
  };
}

/** Names each file that failed, was odd or got another voice, and what is to be said of it, for a person who has no progress bar. */
export function outcomeWords(terminal: Terminal): SanitizeView {
  return {
    started: () => undefined,
    progress: () => undefined,
    fileEnded: (_index, report) => {
      const { status, voiceSimilarity, warnings = [] } = report;
      if (status !== 'done' || voiceSimilarity !== undefined || warnings.length > 0)
        say(terminal, fileLine(report));
    },
    ended: () => undefined,
  };
}

/** @returns one file's outcome in one line */
export function fileLine(report: FileReport): string {
  const name = printable(basename(report.input));
  if (report.status !== 'done') {
    const reason = printable(report.error?.message ?? 'no reason given');
    return `${report.status.padEnd(7)} ${name}: ${reason} [${report.error?.code ?? 'INTERNAL'}]`;
  }
  const output = report.output === null ? '' : ` -> ${printable(basename(report.output))}`;
  const length = report.seconds === undefined ? '' : `, ${clockTime(report.seconds)}`;
  const pace = report.realTimeFactor === undefined ? '' : `, ${report.realTimeFactor.toFixed(0)}x real time`;
  const warnings = (report.warnings ?? []).map(({ message }) => `\n        note: ${printable(message)}`);
  const { voiceSimilarity } = report;
  const voice = voiceSimilarity === undefined ? '' : `\n        ${similarityLine(voiceSimilarity)}`;
  return `done    ${name}${output}${length}${pace}${voice}${warnings.join('')}`;
}
