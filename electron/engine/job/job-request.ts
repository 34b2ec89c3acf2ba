import type { JobSettings } from '../../contract/job.js';
import type { Playback } from '../../contract/media.js';
import type { FileReport } from '../../contract/report.js';
import type { ModelHost } from '../models/model-host.js';
import type { ProgressListener } from './progress-meter.js';

/** One recording and what is to become of it. */
export interface JobRequest {
  readonly input: string;
  /** exactly the path that will be written; its folder must exist */
  readonly output: string;
  readonly overwrite: boolean;
  readonly settings: JobSettings;
  /** where result.pcm and result.peaks go; null for none */
  readonly cacheFolder: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** What a job needs besides its request. */
export interface JobEnvironment {
  readonly models: ModelHost;
}

/** How a job ended. */
export interface JobResult {
  readonly report: FileReport;
  /** null where none was asked for, or the job failed */
  readonly playback: Playback | null;
}
