import { AppError } from '../../contract/app-error.js';
import type { JobSettings, Progress } from '../../contract/job.js';
import type { FileReport } from '../../contract/report.js';
import type { JobRequest, JobResult } from './job-request.js';
import type { PlannedOutput } from './plan.js';
import { TotalProgressMeter, type TotalProgress } from './total-progress.js';
import { mapWithWorkers } from './worker-pool.js';

/** Many recordings and what to do with all of them. */
export interface BatchRequest {
  /** one entry per input, planned together so that no two share an output */
  readonly plans: readonly PlannedOutput[];
  readonly settings: JobSettings;
  readonly overwrite: boolean;
  /** jobs at once, at least 1 */
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly listener: BatchListener;
  /** runs one job, here or elsewhere; @throws AppError CANCELLED, or what kept it from a report */
  readonly runJob: (request: JobRequest) => Promise<JobResult>;
}

/** Follows a batch; its methods must not throw. */
export interface BatchListener {
  /** file `index` moved on */
  progress(index: number, progress: Progress, total: TotalProgress): void;
  /** file `index` is done, failed or skipped */
  fileEnded(index: number, report: FileReport, total: TotalProgress): void;
}

/**
 * Runs every plan; one failure does not stop the rest.
 * @returns one report per plan in their order. After an abort the files that were not done are reported as skipped.
 */
export async function runBatch(request: BatchRequest): Promise<FileReport[]> {
  const meter = new TotalProgressMeter(request.plans.map(soundingSeconds));
  const end = (index: number, report: FileReport): FileReport => {
    // A run that was interrupted must not look like one that came to its end.
    if (report.status !== 'skipped') meter.end(index);
    request.listener.fileEnded(index, report, meter.get());
    return report;
  };
  const reports = await mapWithWorkers(
    request.plans,
    request.workers,
    request.signal,
    async (plan, index) => {
      const onProgress = (progress: Progress): void => {
        meter.advance(index, progress);
        request.listener.progress(index, progress, meter.get());
      };
      return end(index, await runPlan(plan, request, onProgress));
    },
  );
  return reports.map((report, index) => {
    const plan = request.plans[index];
    return report ?? end(index, skipped(plan?.input ?? ''));
  });
}

async function runPlan(
  plan: PlannedOutput,
  request: BatchRequest,
  onProgress: (progress: Progress) => void,
): Promise<FileReport> {
  const { input, output } = plan;
  if (output === null) {
    const error = plan.error ?? new AppError('INTERNAL', 'No output was planned for this file.');
    return { input, output: null, status: 'failed', error: error.toData() };
  }
  try {
    const { settings, overwrite, signal } = request;
    const job = { input, output, overwrite, settings, cacheFolder: null, signal, onProgress };
    const { report } = await request.runJob(job);
    return plan.notes.length === 0
      ? report
      : { ...report, warnings: [...plan.notes, ...(report.warnings ?? [])] };
  } catch (error) {
    const appError = AppError.from(error);
    if (appError.code === 'CANCELLED') return skipped(input);
    return { input, output: null, status: 'failed', error: appError.toData() };
  }
}

function skipped(input: string): FileReport {
  const error = new AppError(
    'CANCELLED',
    'Not processed: the run was interrupted. Start it again for this file.',
  );
  return { input, output: null, status: 'skipped', error: error.toData() };
}

function soundingSeconds({ output, facts, estimatedSampleFrames }: PlannedOutput): number | null {
  if (output === null) return 0;
  if (facts === null || estimatedSampleFrames === null) return null;
  return estimatedSampleFrames / facts.sampleRateHz;
}
