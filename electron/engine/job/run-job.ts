import { performance } from 'node:perf_hooks';
import { AppError } from '../../contract/app-error.js';
import type { Finding } from '../../contract/audio-format.js';
import type { Leak } from '../../contract/inspection.js';
import type { FileReport } from '../../contract/report.js';
import { throwIfAborted } from '../io/abort.js';
import { inspect } from '../io/inspect/inspect.js';
import { assertDistinct } from '../io/output-distinct.js';
import { resolveFormat, storedRateHz, storedSampleFrames } from '../io/output-format.js';
import { probe } from '../io/reading/probe.js';
import { BusyClock } from './busy-clock.js';
import type { JobEnvironment, JobRequest, JobResult } from './job-request.js';
import { streamToFile } from './stream-to-file.js';

/**
 * Runs one recording through the whole way: probe, decode, chain, encode, prove, report. A recording that fails gives a report
 * with status `failed`; nothing is then left beside the target.
 * @throws AppError CANCELLED, once the request's signal is aborted; nothing else
 */
export async function runJob(request: JobRequest, environment: JobEnvironment): Promise<JobResult> {
  const known: { source?: FileReport['source']; warnings?: Finding[] } = {};
  try {
    throwIfAborted(request.signal);
    return await finishJob(request, environment, known);
  } catch (error) {
    throwIfAborted(request.signal);
    const { input } = request;
    const appError = AppError.from(error);
    return {
      report: { input, output: null, status: 'failed', error: appError.toData(), ...known },
      playback: null,
    };
  }
}

async function finishJob(
  request: JobRequest,
  environment: JobEnvironment,
  known: { source?: FileReport['source']; warnings?: Finding[] },
): Promise<JobResult> {
  const startedMs = performance.now();
  const clock = new BusyClock();
  await assertDistinct(request.input, request.output);
  const probed = await probe(request.input, request.signal);
  known.source = probed.facts;
  known.warnings = [...probed.findings];
  const { format, notes } = resolveFormat(request.settings.export.format, probed.facts);
  // Headers are read while the sound is processed.
  const inspected = inspectSource(request);
  // Whoever awaits it still gets the error; a job that failed before has its own.
  inspected.catch(() => undefined);
  const job = { ...request, probed, format, beforeName: inspected };
  const streamed = await streamToFile(job, environment.models, clock);
  const { sampleRateHz, channels } = probed.facts;
  const { playback, warnings, ...measured } = streamed;
  const outputRateHz = storedRateHz(format, sampleRateHz);
  const seconds = streamed.sampleFrames / sampleRateHz;
  const { removed, warnings: incomplete } = await inspected;
  const report: FileReport = {
    input: request.input,
    output: request.output,
    status: 'done',
    ...known,
    ...measured,
    sampleRateHz: outputRateHz,
    channels,
    sampleFrames: storedSampleFrames(format, sampleRateHz, streamed.sampleFrames),
    seconds,
    outputFormat: format,
    ...(removed === null ? {} : { removed }),
    warnings: [...notes, ...incomplete, ...warnings],
    busySeconds: clock.toRecord(),
    realTimeFactor: seconds / ((performance.now() - startedMs) / 1000),
  };
  return { report, playback };
}

/**
 * What the container gave away and the result no longer holds; null when nothing at all could be read.
 * An inspection that failed must not look like one that found nothing.
 */
async function inspectSource({
  input,
  settings,
  signal,
}: JobRequest): Promise<{ removed: Leak[] | null; warnings: Finding[] }> {
  const { leaks, error } = await inspect(input, signal);
  // A result that is named after its source still gives that name away.
  const named = settings.export.names === 'source';
  const removed = named ? leaks.filter(({ where }) => where !== 'file.name') : leaks;
  if (error === undefined) return { removed, warnings: [] };
  const message =
    'Expected to list everything besides the sound in the source, found a part that could not be read: ' +
    `${error.message} The result holds none of it, but the list of what was removed is incomplete; ` +
    'look at the source with another tool if the list matters.';
  return {
    removed: leaks.length === 0 ? null : removed,
    warnings: [{ code: 'INSPECTION_INCOMPLETE', message }],
  };
}
