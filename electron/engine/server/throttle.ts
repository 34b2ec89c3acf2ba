import { performance } from 'node:perf_hooks';
import type { Progress } from '../../contract/job.js';
import type { ProgressListener } from '../job/progress-meter.js';

/** Ten times a second is as smooth as a bar can look. */
const millisecondsBetween = 100;

/**
 * Passes progress on at most ten times a second; a new phase and the end of one always pass.
 * @param listener  gets what passes
 */
export function throttled(listener: ProgressListener): ProgressListener {
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastPhase: Progress['phase'] | null = null;
  return (progress) => {
    const nowMs = performance.now();
    const matters = progress.phase !== lastPhase || progress.fraction === 1;
    if (!matters && nowMs - lastMs < millisecondsBetween) return;
    lastMs = nowMs;
    lastPhase = progress.phase;
    listener(progress);
  };
}
