import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../contract/app-error.js';
import { reportSchema, type FileReport } from '../../contract/report.js';
import { benchFrameKernel, type FrameMeasure } from '../../engine/bench/frame-kernel.bench.js';
import { DirectModelHost } from '../../engine/models/direct-model-host.js';
import { firstDemo, makeBenchAudio, timePeer } from './bench-audio.js';
import { watchProcess, type ProcessUse } from './process-watch.js';

/** Benches by name, in the order they run. */
export const benchNames = ['startup', 'frames', 'passthrough', 'clean-only'] as const;

/** One of {@link benchNames}. */
export type BenchName = (typeof benchNames)[number];

/** What to measure. */
export interface BenchRequest {
  readonly names: readonly BenchName[];
  /** lengths of the recordings, in seconds; each job runs once for each */
  readonly lengthsSeconds: readonly number[];
  /** the built command line that is measured */
  readonly script: string;
  readonly signal: AbortSignal;
  /** told in words what runs next */
  readonly say: (text: string) => void;
}

/** One measured job. */
export interface JobBench extends ProcessUse {
  readonly name: JobName;
  readonly seconds: number;
  /** of the whole process, from its start to its end */
  readonly wallSeconds: number;
  /** seconds of audio per wall second inside the job */
  readonly realTimeFactor: number;
  /** wall seconds in which each part was busy; parts overlap */
  readonly busySeconds: Record<string, number>;
  /** seconds of audio per busy second of each part */
  readonly realTimeFactorOfPart: Record<string, number>;
  /** wall time of this job as a multiple of ffmpeg's `afftdn` over the same file, measured right before */
  readonly timesPeer: number;
}

/** The document that `bench --json` writes. */
export interface BenchReport {
  readonly schema: 'sotto.bench/1';
  readonly machine: { cpu: string; cores: number; node: string; loadAverage: number };
  readonly startUp: { helpSeconds: number; modelsSeconds: number } | null;
  /** the enhancer frame by frame; empty when it was not asked for */
  readonly frames: readonly FrameMeasure[];
  readonly jobs: readonly JobBench[];
}

type JobName = Exclude<BenchName, 'startup' | 'frames'>;

const startUpRuns = 5;

/**
 * Measures the command line as its users run it: as a process of its own over generated recordings, which are removed afterwards.
 * @throws AppError CANCELLED, INTERNAL when the measured program fails, TOOL_MISSING, OUTPUT_DISK_FULL
 */
export async function runBench(request: BenchRequest): Promise<BenchReport> {
  const { names, lengthsSeconds, signal } = request;
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    loadAverage: loadavg()[0] ?? 0,
  };
  const jobNames = names.filter((name) => name !== 'startup' && name !== 'frames');
  const jobs: JobBench[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'sotto-bench-'));
  try {
    const startUp = names.includes('startup') ? await benchStartUp(request, folder) : null;
    const frames = names.includes('frames') ? await benchFrames(request) : [];
    for (const seconds of jobNames.length === 0 ? [] : lengthsSeconds) {
      request.say(`Making ${seconds} s of 48 kHz stereo from the demo recordings`);
      const input = join(folder, `${seconds}.wav`);
      await makeBenchAudio(input, seconds, signal);
      request.say(`Measuring ffmpeg's afftdn over ${seconds} s, to compare with`);
      const peerSeconds = await timePeer(input, join(folder, 'peer.wav'), signal);
      await rm(join(folder, 'peer.wav'), { force: true });
      for (const name of jobNames) {
        request.say(`Measuring ${name} over ${seconds} s`);
        jobs.push(await benchJob(request, name, input, folder, peerSeconds));
      }
      await rm(input);
    }
    return { schema: 'sotto.bench/1', machine, startUp, frames, jobs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchStartUp(
  request: BenchRequest,
  folder: string,
): Promise<{ helpSeconds: number; modelsSeconds: number }> {
  request.say(`Measuring the start of the command line, median of ${startUpRuns}`);
  const median = async (words: readonly string[]): Promise<number> => {
    const all: number[] = [];
    for (let run = 0; run < startUpRuns; run += 1)
      all.push((await measured(request, folder, words)).wallSeconds);
    return all.sort((left, right) => left - right)[Math.floor(startUpRuns / 2)] ?? 0;
  };
  return { helpSeconds: await median(['--help']), modelsSeconds: await median(['models', 'list']) };
}

async function benchFrames(request: BenchRequest): Promise<FrameMeasure[]> {
  request.say('Measuring the enhancer frame by frame, the quickest of 9 rounds');
  const models = new DirectModelHost();
  try {
    return await benchFrameKernel({ models, recording: await firstDemo(), signal: request.signal });
  } finally {
    await models.close();
  }
}

async function benchJob(
  request: BenchRequest,
  name: JobName,
  input: string,
  folder: string,
  peerSeconds: number,
): Promise<JobBench> {
  const report = join(folder, 'report.json');
  const out = join(folder, 'out');
  const words = ['sanitize', input, '--out', out, '--preset', name, '--format', 'wav16', '--json', report];
  const { wallSeconds, use } = await measured(request, folder, [...words, '--overwrite']);
  const file = await onlyFile(report);
  await rm(out, { recursive: true, force: true });
  const seconds = file.seconds ?? 0;
  const busySeconds = file.busySeconds ?? {};
  return {
    name,
    seconds,
    wallSeconds,
    realTimeFactor: file.realTimeFactor ?? 0,
    busySeconds,
    realTimeFactorOfPart: Object.fromEntries(
      Object.entries(busySeconds).map(([part, busy]) => [part, Math.round(seconds / Math.max(busy, 0.001))]),
    ),
    timesPeer: wallSeconds / peerSeconds,
    ...use,
  };
}

async function onlyFile(path: string): Promise<FileReport> {
  const { files } = reportSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  const [file] = files;
  if (file?.status === 'done') return file;
  throw new AppError(
    'INTERNAL',
    `The measured job failed: ${file?.error?.message ?? 'no file was reported'}`,
  );
}

async function measured(
  request: BenchRequest,
  folder: string,
  words: readonly string[],
): Promise<{ wallSeconds: number; use: ProcessUse }> {
  if (request.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
  const startedMs = performance.now();
  const child = spawn(process.execPath, [request.script, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: request.signal,
    killSignal: 'SIGTERM',
    // The measured runs leave no trace among the user's own.
    env: { ...process.env, SOTTO_DATA: folder },
  });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  const ended = once(child, 'close') as Promise<[number | null]>;
  const watching = watchProcess(child.pid ?? 0, ended);
  const [code] = await ended;
  const wallSeconds = (performance.now() - startedMs) / 1000;
  const use = await watching;
  if (code === 0) return { wallSeconds, use };
  throw new AppError('INTERNAL', `The measured program ended with ${String(code)}: ${complaint.slice(-500)}`);
}
