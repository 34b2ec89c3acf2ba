import type { LoudnessReport } from '../../../electron/contract/report.js';
import type { Playable } from '../player/audio-output.js';
import type { PlayableRendering } from '../player/stretch-reader.js';

/** A version that was rendered: the result of an export, or a preview. */
export type RenderedSide = 'result' | 'preview';

/** Which version is heard. */
export type Side = 'raw' | 'live' | RenderedSide;

/** One of the recording's rendered versions. */
export interface Rendering extends PlayableRendering {
  /** grows with every new rendering */
  readonly version: number;
  readonly loudness: LoudnessReport | null;
  /** strength it was rendered with; null where no mix of raw and rendered gives another strength */
  readonly renderedStrength: number | null;
}

/** What the player needs to know about the recording shown. */
export interface Loaded extends Omit<Playable, 'rendering'> {
  readonly fileId: string;
  readonly result: Rendering | null;
  readonly preview: Rendering | null;
}

/** @returns whether both are the same sound, so that nothing has to be opened again */
export function sameRendering(a: Rendering | null, b: Rendering | null): boolean {
  return a?.url === b?.url && a?.version === b?.version;
}

/** @returns whether a sample frame of the recording lies in its preview */
export function isPreviewed(loaded: Loaded | null, frame: number): boolean {
  const range = loaded?.preview?.range;
  return range !== undefined && frame >= range.start && frame < range.end;
}
