import { dirname, resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { byteWords } from '../engine/io/output-error.js';
import { writeJson } from '../engine/job/report-files.js';
import { benchNames, runBench, type BenchName, type BenchReport } from './bench/run-bench.js';
import type { Action } from './action.js';
import { exitCodes, type ExitCode } from './exit-codes.js';
import { checkReportPlace, prepareFolders } from './output-places.js';
import { somePath } from './some-path.js';
import { clockTime, say, type Terminal } from './terminal.js';

/** Lengths of the generated recordings, in seconds. */
const quickLengths = [60, 600];
const fullLengths = [600, 7200];

const examples = `
Examples:
  sotto bench                            start-up, frames, passing through and cleaning, at 1 and 10 minutes
  sotto bench frames                     the enhancer frame by frame: dense against gated, speech against silence
  sotto bench clean-only --full          cleaning alone, at 10 minutes and 2 hours
  sotto bench --json bench.json          the figures as a JSON document

The recordings are made from the demo recordings in the system's temporary folder (2 hours: 1.4 GB) and removed again.`;

interface BenchOptions {
  readonly full?: boolean;
  readonly json?: string;
}

/** Adds `bench`: how fast and how large the jobs are on this machine. */
export function addBenchCommand(program: Command, choose: (action: Action) => void): void {
  program
    .command('bench')
    .description('measure speed, memory and start-up on this machine')
    .addArgument(new Argument('[name]', 'one bench alone').choices(benchNames))
    .option('--full', 'measure 10 minutes and 2 hours instead of 1 and 10 minutes')
    .option('--json <file>', 'write the figures (sotto.bench/1)', somePath)
    .addHelpText('after', examples)
    .action((name: BenchName | undefined, options: BenchOptions) => {
      choose(({ terminal, signal }) => bench(name, options, terminal, signal));
    });
}

async function bench(
  name: BenchName | undefined,
  options: BenchOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const path = options.json === undefined ? null : resolve(options.json);
  if (path !== null) {
    await checkReportPlace(path, { sources: [], folder: null });
    await prepareFolders([dirname(path)]);
  }
  const report = await runBench({
    names: name === undefined ? benchNames : [name],
    lengthsSeconds: options.full === true ? fullLengths : quickLengths,
    script: process.argv[1] ?? '',
    signal,
    say: (text) => {
      say(terminal, text);
    },
  });
  if (path !== null) await writeJson(path, report);
  terminal.stdout.write(`${benchWords(report)}\n`);
  return exitCodes.done;
}

/** @returns the figures as a person reads them, one line each */
export function benchWords({ machine, startUp, frames, jobs }: BenchReport): string {
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.loadAverage.toFixed(1)}`,
  ];
  if (startUp !== null) {
    const { helpSeconds, modelsSeconds } = startUp;
    lines.push(`start-up: --help ${helpSeconds.toFixed(2)} s, models list ${modelsSeconds.toFixed(2)} s`);
  }
  for (const { level, recording, silence, timesOnnx, timesOnnxOneByOne, timesDense } of frames) {
    const cost = `${recording.microsecondsPerFrame.toFixed(1)} us a frame, in silence ${silence.microsecondsPerFrame.toFixed(1)}`;
    const dense = timesDense === null ? '' : `, ${timesDense.toFixed(2)} times the dense net`;
    const onnx = `${timesOnnxOneByOne.toFixed(1)} times ONNX Runtime frame by frame (in chunks ${timesOnnx.toFixed(2)})`;
    lines.push(`frames at ${level}: ${cost}; ${onnx}${dense}`);
  }
  for (const job of jobs) {
    const memory = job.peakBytes === null ? 'not known here' : byteWords(job.peakBytes);
    const tree = job.peakTreeBytes === null ? '' : ` (with child programs ${byteWords(job.peakTreeBytes)})`;
    const pace = `${job.realTimeFactor.toFixed(0)}x real time`;
    lines.push(
      `${job.name}, ${clockTime(job.seconds)}: ${pace}, ${job.timesPeer.toFixed(2)} times afftdn; memory ${memory}${tree}`,
    );
    const parts = Object.entries(job.busySeconds).map(([part, busy]) => `${part} ${busy.toFixed(2)} s`);
    lines.push(`  busy: ${parts.join(', ')}`);
  }
  return lines.join('\n');
}
