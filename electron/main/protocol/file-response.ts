import { open, type FileHandle } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { parseByteRange } from './byte-range.js';
import { isolationHeaders } from './content-policy.js';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** @returns the media type by the name's ending; bytes without meaning when it is not one of the app's own */
export function contentTypeOf(path: string): string {
  return contentTypes[extname(path).toLowerCase()] ?? 'application/octet-stream';
}

/** @returns an answer without content; the text is for the developer's console */
export function emptyResponse(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers: { ...isolationHeaders, ...headers } });
}

/**
 * Serves one file as a stream, whole or by a byte range (206, 416). Nothing but the asked bytes is read.
 * @param request  GET or HEAD
 * @param headers  further headers; they win over the defaults
 */
export async function fileResponse(
  path: string,
  request: Request,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const file = await openFile(path);
  if (file === null) return emptyResponse(404);
  const { handle, sizeBytes } = file;
  const range = parseByteRange(request.headers.get('range'), sizeBytes);
  if (range.kind === 'unsatisfiable') {
    await handle.close();
    return emptyResponse(416, { 'content-range': `bytes */${String(sizeBytes)}` });
  }
  const firstByte = range.kind === 'part' ? range.firstByte : 0;
  const lastByte = range.kind === 'part' ? range.lastByte : sizeBytes - 1;
  const allHeaders = new Headers({
    ...isolationHeaders,
    'content-type': contentTypeOf(path),
    'content-length': String(lastByte - firstByte + 1),
    'accept-ranges': 'bytes',
    ...headers,
  });
  if (range.kind === 'part') {
    allHeaders.set('content-range', `bytes ${String(firstByte)}-${String(lastByte)}/${String(sizeBytes)}`);
  }
  const status = range.kind === 'part' ? 206 : 200;
  if (request.method === 'HEAD' || sizeBytes === 0) {
    await handle.close();
    return new Response(null, { status, headers: allHeaders });
  }
  return new Response(bodyOf(handle, firstByte, lastByte), { status, headers: allHeaders });
}

async function openFile(path: string): Promise<{ handle: FileHandle; sizeBytes: number } | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch {
    // Absent or not readable is the same to the page: it is not there.
    return null;
  }
  const facts = await handle.stat();
  if (facts.isFile()) return { handle, sizeBytes: facts.size };
  await handle.close();
  return null;
}

function bodyOf(handle: FileHandle, firstByte: number, lastByte: number): ReadableStream {
  // The stream owns the handle: it is closed at the end and also when the page stops reading.
  const stream = handle.createReadStream({ start: firstByte, end: lastByte, highWaterMark: 256 * 1024 });
  return Readable.toWeb(stream) as ReadableStream;
}
