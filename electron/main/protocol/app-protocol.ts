import { readFile } from 'node:fs/promises';
import { protocol, type Session } from 'electron';
import { appScheme } from '../../contract/media.js';
import { contentPolicy, isolationHeaders, newNonce, withNonce } from './content-policy.js';
import { emptyResponse, fileResponse } from './file-response.js';
import { parseMediaPath, type MediaLocator } from './media-path.js';
import { pageFile } from './page-file.js';

/** Origin of the window's page and of everything it may fetch. */
export const appOrigin = `${appScheme}://app`;

/** Makes `sotto:` a standard, secure origin. Must run before Electron is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: appScheme,
      privileges: {
        standard: true,
        secure: true,
        supportFetchAPI: true,
        stream: true,
        corsEnabled: true,
        codeCache: true,
      },
    },
  ]);
}

/**
 * Answers `sotto://app/` with the built page and `sotto://app/media/<id>/<kind>` with the session's playback copies.
 * @param session       the window's session
 * @param pageFolder    absolute folder of the built page
 * @param locateMedia   file of a recording the user has opened; null when there is none
 */
export function serveApp(session: Session, pageFolder: string, locateMedia: MediaLocator): void {
  session.protocol.handle(appScheme, (request) => answer(request, pageFolder, locateMedia));
}

async function answer(request: Request, pageFolder: string, locateMedia: MediaLocator): Promise<Response> {
  const url = new URL(request.url);
  if (url.host !== 'app') return emptyResponse(404);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return emptyResponse(405, { allow: 'GET, HEAD' });
  }
  if (url.pathname.startsWith('/media/')) {
    const media = parseMediaPath(url.pathname);
    const path = media === null ? null : locateMedia(media.fileId, media.kind);
    if (path === null) return emptyResponse(404);
    // The same URL names a newer result after the next job.
    return await fileResponse(path, request, {
      'content-type': 'application/octet-stream',
      'cache-control': 'no-store',
    });
  }
  const path = pageFile(pageFolder, url.pathname);
  if (path === null) return emptyResponse(403);
  if (path.endsWith('.html')) return await pageResponse(path);
  // A worker takes its policy from its own script, not from the page.
  return await fileResponse(path, request, { 'content-security-policy': contentPolicy(newNonce()) });
}

async function pageResponse(path: string): Promise<Response> {
  let html: string;
  try {
    html = await readFile(path, 'utf8');
  } catch {
    return emptyResponse(404);
  }
  const nonce = newNonce();
  return new Response(withNonce(html, nonce), {
    headers: {
      ...isolationHeaders,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentPolicy(nonce),
      'cache-control': 'no-store',
    },
  });
}
