import type { AppErrorData } from '../../../electron/contract/app-error.js';
import type { ChainSettings } from '../../../electron/contract/chain.js';
import type { AudioFacts, Finding } from '../../../electron/contract/audio-format.js';
import type { Inspection } from '../../../electron/contract/inspection.js';
import type { JobSettings, Progress } from '../../../electron/contract/job.js';
import type { LanesFacts } from '../../../electron/contract/lanes.js';
import type { Playback } from '../../../electron/contract/media.js';
import type { Preview } from '../../../electron/contract/preview.js';
import type { FileReport } from '../../../electron/contract/report.js';
import type { QueuedFile } from '../../../electron/contract/window-contract.js';
import type { FrameRange } from '../player/play-order.js';

/** What a row of the queue shows. */
export type ItemStatus =
  'waiting' | 'preparing' | 'ready' | 'queued' | 'processing' | 'done' | 'failed' | 'cancelled';

/** How far the job of a recording is. It may be decoded for the waveform at the same time. */
export type Activity = 'none' | 'queued' | 'processing';

/** The two things that are done for a recording, and that can fail or be stopped. */
export type Work = 'prepare' | 'process';

/** What is known once the recording was decoded for the first time. */
export interface Prepared {
  readonly facts: AudioFacts;
  readonly playback: Playback;
  readonly warnings: readonly Finding[];
}

/** A finished job, with the settings it was done with. */
export interface Result {
  readonly report: FileReport;
  readonly playback: Playback | null;
  readonly settings: JobSettings;
  /** grows with every finished job, so that views know when to read the media again */
  readonly version: number;
}

/** A stretch that was rendered for listening, with the chain it was rendered with. */
export interface RenderedPreview extends Preview {
  readonly range: FrameRange;
  readonly chain: ChainSettings;
  /** grows with every preview */
  readonly version: number;
}

/** Why the last attempt did not end well, and what a retry has to repeat. */
export interface Failure {
  readonly during: Work;
  readonly error: AppErrorData;
}

/** How far the lanes of a recording are. A failure costs the lanes and nothing else. */
export type LanesProgress =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly progress: Progress | null }
  | { readonly kind: 'ready'; readonly facts: LanesFacts }
  | { readonly kind: 'failed'; readonly error: AppErrorData };

/** One recording in the queue. Only the queue and, for lanes and previews, their states write to it; views read. */
export class QueueItem {
  readonly file: QueuedFile;
  /** @see Activity */
  activity = $state.raw<Activity>('none');
  /** whether it is being decoded for waveform and playback */
  preparing = $state.raw(false);
  /** progress of the job, else of decoding; null until the engine has reported some */
  progress = $state.raw<Progress | null>(null);
  /** null until decoded */
  prepared = $state.raw<Prepared | null>(null);
  /** what the container gives away; null until read */
  inspection = $state.raw<Inspection | null>(null);
  /** the newest finished job; kept while a new one runs */
  result = $state.raw<Result | null>(null);
  /** the newest preview; null while there is none, or a new one is rendered */
  preview = $state.raw<RenderedPreview | null>(null);
  /** a preview that waits or is rendered, with its progress once the engine has reported some */
  previewing = $state.raw<{ readonly progress: Progress | null } | null>(null);
  /** @see LanesProgress */
  lanes = $state.raw<LanesProgress>({ kind: 'none' });
  /** @see Failure */
  failure = $state.raw<Failure | null>(null);
  /** what the user stopped in the last attempt, null for nothing */
  cancelled = $state.raw<Work | null>(null);

  readonly #status = $derived.by((): ItemStatus => {
    if (this.activity !== 'none') return this.activity;
    if (this.preparing) return 'preparing';
    if (this.failure && !(this.result && this.failure.during === 'prepare')) return 'failed';
    if (this.cancelled) return 'cancelled';
    if (this.result) return 'done';
    return this.prepared ? 'ready' : 'waiting';
  });

  /** @param file  as the main process named it */
  constructor(file: QueuedFile) {
    this.file = file;
  }

  /** The window's only handle on the recording. */
  get id(): string {
    return this.file.fileId;
  }

  /** @see ItemStatus */
  get status(): ItemStatus {
    return this.#status;
  }

  /** Whether the engine works on it, or is about to. */
  get busy(): boolean {
    return this.activity !== 'none' || this.preparing;
  }

  /** Whether it cannot be decoded, so that there is nothing to process. A full cache disk does not say so. */
  get unreadable(): boolean {
    return this.failure?.during === 'prepare' && this.failure.error.code.startsWith('INPUT_');
  }
}
