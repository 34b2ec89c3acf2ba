import type { LanesProgress } from '../../state/queue-item.svelte.js';
import { laneWords } from '../../text/lane-words.js';
import { formatPercent } from '../../text/time-format.js';

/**
 * @param readError  why lanes that exist cannot be shown
 * @returns why there are no lanes to see, in words; empty while they are about to appear
 */
export function lanesStatus(lanes: LanesProgress, readError: string | null): string {
  switch (lanes.kind) {
    case 'none':
      return laneWords.waiting;
    case 'running':
      return laneWords.running(
        typeof lanes.progress?.fraction === 'number' ? formatPercent(lanes.progress.fraction) : null,
      );
    case 'failed':
      return lanes.error.code === 'CANCELLED' ? laneWords.stopped : laneWords.failed(lanes.error.message);
    case 'ready':
      return readError === null ? '' : laneWords.failed(readError);
  }
}
