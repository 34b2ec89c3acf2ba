import { join, normalize, sep } from 'node:path';

/**
 * Maps a URL's path to a file below the folder of the built page.
 * @param root      absolute folder
 * @param pathname  of the URL, still percent-encoded
 * @returns absolute path inside `root`, or null when the path leaves it or cannot name a file
 */
export function pageFile(root: string, pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    // A stray percent sign names no file of ours.
    return null;
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return null;
  if (decoded.split('/').includes('..')) return null;
  const relative = decoded === '/' || decoded === '' ? 'index.html' : decoded;
  const path = normalize(join(root, relative));
  return path.startsWith(root + sep) ? path : null;
}
