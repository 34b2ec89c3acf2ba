import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentTypeOf, fileResponse } from './file-response.js';

let folder = '';
let path = '';
const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-response-'));
  path = join(folder, 'raw.pcm');
  await writeFile(path, bytes);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function ask(range?: string, method = 'GET'): Request {
  return new Request('http://x/', { method, headers: range === undefined ? {} : { range } });
}

describe('fileResponse', () => {
  it('serves the whole file with its exact length', async () => {
    const response = await fileResponse(path, ask());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('300000');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
  });

  it('serves exactly the bytes of a range', async () => {
    const response = await fileResponse(path, ask('bytes=65530-65545'));
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe('bytes 65530-65545/300000');
    expect(response.headers.get('content-length')).toBe('16');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes.slice(65530, 65546));
  });

  it('says the size when a range lies behind the end', async () => {
    const response = await fileResponse(path, ask('bytes=300000-'));
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */300000');
  });

  it('answers HEAD without content', async () => {
    const response = await fileResponse(path, ask(undefined, 'HEAD'));
    expect(response.headers.get('content-length')).toBe('300000');
    expect(await response.text()).toBe('');
  });

  it('serves an empty file', async () => {
    const empty = join(folder, 'empty');
    await writeFile(empty, '');
    const response = await fileResponse(empty, ask());
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it('answers 404 for what is absent and for folders', async () => {
    expect((await fileResponse(join(folder, 'none'), ask())).status).toBe(404);
    expect((await fileResponse(folder, ask())).status).toBe(404);
  });

  it('survives a page that stops reading', async () => {
    const response = await fileResponse(path, ask());
    const reader = response.body?.getReader();
    await reader?.read();
    await expect(reader?.cancel()).resolves.toBeUndefined();
  });
});

describe('contentTypeOf', () => {
  it('knows scripts and WebAssembly, which browsers refuse under another type', () => {
    expect(contentTypeOf('/a/B.JS')).toMatch(/^text\/javascript/);
    expect(contentTypeOf('/a/b.wasm')).toBe('application/wasm');
    expect(contentTypeOf('/a/raw.pcm')).toBe('application/octet-stream');
  });
});
