import type { BatchListener } from '../engine/job/batch.js';

/** What a run is about to do. */
export interface RunStart {
  /** paths, one per input */
  readonly inputs: readonly string[];
  readonly workers: number;
}

/** How a run ended. */
export interface RunEnd {
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly interrupted: boolean;
  /** the report that may be shared; null when none was written */
  readonly sharedReportPath: string | null;
}

/** Shows a run of `sanitize`: a progress bar for a person, or JSON lines for a script. */
export interface SanitizeView extends BatchListener {
  started(start: RunStart): void;
  ended(end: RunEnd): void;
}

/** @returns a view that passes everything on to each of `views` */
export function manyViews(views: readonly SanitizeView[]): SanitizeView {
  return {
    started: (start) => {
      for (const view of views) view.started(start);
    },
    progress: (index, progress, total) => {
      for (const view of views) view.progress(index, progress, total);
    },
    fileEnded: (index, report, total) => {
      for (const view of views) view.fileEnded(index, report, total);
    },
    ended: (end) => {
      for (const view of views) view.ended(end);
    },
  };
}
