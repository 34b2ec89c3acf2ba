import type { FrameRange } from '../player/play-order.js';

/** Longest preview: a slow stage takes about as long to render it as it lasts. */
export const mostPreviewSeconds = 60;

/** Heard where nothing is selected. */
export const unselectedPreviewSeconds = 10;

/** What a preview would be of. */
export interface PreviewStretch {
  readonly range: FrameRange;
  /** whether more than this was selected */
  readonly cut: boolean;
}

/**
 * @param position  sample frame, 0 to `length`
 * @param length    sample frames of the recording, 1 or more
 * @returns the selection, its first {@link mostPreviewSeconds}, or {@link unselectedPreviewSeconds} around the position
 */
export function previewStretch(
  selection: FrameRange | null,
  position: number,
  length: number,
  sampleRateHz: number,
): PreviewStretch {
  if (selection) {
    const most = selection.start + mostPreviewSeconds * sampleRateHz;
    const cut = selection.end > most;
    return { range: cut ? { start: selection.start, end: most } : selection, cut };
  }
  const frames = Math.min(length, unselectedPreviewSeconds * sampleRateHz);
  const start = Math.min(length - frames, Math.max(0, position - Math.floor(frames / 2)));
  return { range: { start, end: start + frames }, cut: false };
}
