import { AppError } from '../../contract/app-error.js';
import type { AudioFacts, Finding } from '../../contract/audio-format.js';
import type { JobSettings } from '../../contract/job.js';
import { extensionOf, resolveFormat } from '../io/output-format.js';
import { nameOutputs } from '../io/output-names.js';
import { probe } from '../io/reading/probe.js';
import { mapWithWorkers } from './worker-pool.js';

/** What is to be named. */
export interface PlanRequest {
  readonly inputs: readonly string[];
  /** existing folder for the results */
  readonly folder: string;
  readonly settings: JobSettings;
  readonly overwrite: boolean;
  /** further paths that no result may take: promised to jobs that have not written them yet, or recordings that are not planned */
  readonly reserved: readonly string[];
}

/** Where the result of one input will be written. */
export interface PlannedOutput {
  readonly input: string;
  /** null when the input cannot be processed; `error` then says why */
  readonly output: string | null;
  readonly error: AppError | null;
  /** what the recording is; null when it could not be read */
  readonly facts: AudioFacts | null;
  /** whatever about the name its owner should know */
  readonly notes: readonly Finding[];
  /** sample frames as far as they are known without decoding, for progress only */
  readonly estimatedSampleFrames: number | null;
}

/** Inputs looked at side by side: each is one short ffprobe. */
const probesAtOnce = 4;

/**
 * Settles the exact output path of every input, as `runJob` would write it; nothing is written. An input that cannot be processed,
 * or whose format the output cannot hold, has the reason instead of a path and does not use up a number.
 * @returns one entry per input, in order
 * @throws AppError CANCELLED, OUTPUT_FOLDER_MISSING, OUTPUT_NOT_WRITABLE; a missing tool is the error of every entry
 */
export async function planOutputs(request: PlanRequest, signal?: AbortSignal): Promise<PlannedOutput[]> {
  const never = new AbortController().signal;
  const looked = await mapWithWorkers(request.inputs, probesAtOnce, signal ?? never, (input) =>
    lookAt(input, request.settings, signal),
  );
  if (signal?.aborted === true) throw new AppError('CANCELLED', 'Cancelled. Nothing was written.');
  const plans = looked.filter((plan) => plan !== null);
  const named = await nameOutputs({
    inputs: plans.flatMap(({ input, extension }) => (extension === null ? [] : [{ path: input, extension }])),
    folder: request.folder,
    names: request.settings.export.names,
    overwrite: request.overwrite,
    // An input that cannot be read today is a recording all the same: no result may replace it.
    reserved: [...request.reserved, ...request.inputs],
  });
  return plans.map(({ extension, ...plan }) => {
    const name = extension === null ? undefined : named.shift();
    if (name === undefined) return { ...plan, output: null, notes: [] };
    return { ...plan, output: name.output, error: name.error, notes: [...name.findings] };
  });
}

type LookedAt = Omit<PlannedOutput, 'output' | 'notes'> & { readonly extension: string | null };

async function lookAt(
  input: string,
  settings: JobSettings,
  signal: AbortSignal | undefined,
): Promise<LookedAt> {
  let facts: AudioFacts | null = null;
  let estimatedSampleFrames: number | null = null;
  try {
    const probed = await probe(input, signal);
    facts = probed.facts;
    estimatedSampleFrames = probed.estimatedSampleFrames;
    const { format } = resolveFormat(settings.export.format, facts);
    return { input, facts, estimatedSampleFrames, error: null, extension: extensionOf(format) };
  } catch (error) {
    return { input, facts, estimatedSampleFrames, error: AppError.from(error), extension: null };
  }
}
