import type { QueueItem } from '../../state/queue-item.svelte.js';
import { formatPercent, formatSeconds, formatSpeed } from '../../text/time-format.js';
import { words } from '../../text/words.js';

/**
 * @param changed  whether the result was made with other settings than now
 * @returns the state of a recording in a few words: `processing 42 % · 0:12 left · 61×`
 */
export function queueRowText(item: QueueItem, changed: boolean): string {
  const { status, progress } = item;
  if (status === 'done' && changed) return words.queue.changed;
  if (!progress || (status !== 'preparing' && status !== 'processing')) return words.queue.statuses[status];
  const work = progress.phase === 'prove' ? words.queue.statuses.proving : words.queue.statuses[status];
  const parts: string[] = [progress.fraction === null ? work : `${work} ${formatPercent(progress.fraction)}`];
  if (progress.etaSeconds !== null) parts.push(words.queue.left(formatSeconds(progress.etaSeconds)));
  if (progress.realTimeFactor !== null) parts.push(formatSpeed(progress.realTimeFactor));
  return parts.join(' · ');
}
