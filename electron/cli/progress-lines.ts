import { performance } from 'node:perf_hooks';
import type { SanitizeView } from './sanitize-view.js';

/** Progress lines of one file are written at most this often; its end always is. */
const secondsBetweenLines = 1;

/**
 * One JSON object per line: `start`, then `progress` and `file` as they happen, at last `end`.
 * @param write  takes one line without its line break
 */
export function progressLines(write: (line: string) => void): SanitizeView {
  const lastMs = new Map<number, number>();
  let inputs: readonly string[] = [];
  const line = (event: string, fields: Record<string, unknown>): void => {
    write(JSON.stringify({ event, ...fields }));
  };
  return {
    started: (start) => {
      inputs = start.inputs;
      line('start', { files: start.inputs.length, jobs: start.workers });
    },
    progress: (index, progress, total) => {
      const nowMs = performance.now();
      const last = lastMs.get(index);
      if (last !== undefined && nowMs - last < secondsBetweenLines * 1000) return;
      lastMs.set(index, nowMs);
      line('progress', { file: index + 1, input: inputs[index], ...progress, total });
    },
    fileEnded: (index, report, total) => {
      const {
        input,
        status,
        output,
        error,
        seconds,
        realTimeFactor,
        voiceSimilarity,
        warnings = [],
      } = report;
      const fields = { input, status, output, error, seconds, realTimeFactor, voiceSimilarity, warnings };
      line('file', { file: index + 1, ...fields, total });
    },
    ended: (end) => {
      line('end', { ...end });
    },
  };
}
