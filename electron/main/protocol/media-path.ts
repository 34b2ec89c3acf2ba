import { mediaKinds, type MediaKind } from '../../contract/media.js';

/** Finds the file behind one kind of one recording; null when the window may not have it or it is not there yet. */
export type MediaLocator = (fileId: string, kind: MediaKind) => string | null;

/** @returns the recording and kind that `/media/<fileId>/<kind>` names; null for any other path */
export function parseMediaPath(pathname: string): { fileId: string; kind: MediaKind } | null {
  const match = /^\/media\/([\w-]+)\/([\w.]+)$/.exec(pathname);
  if (match === null) return null;
  const kind = mediaKinds.find((known) => known === match[2]);
  const fileId = match[1];
  return kind === undefined || fileId === undefined ? null : { fileId, kind };
}
