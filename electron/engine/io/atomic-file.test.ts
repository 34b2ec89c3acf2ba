import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AtomicFile, eraseUnfinished } from './atomic-file.js';
import { outputError } from './output-error.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-atomic-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function written(name: string, text: string, overwrite = false): Promise<AtomicFile> {
  const file = await AtomicFile.create(join(folder, name), { overwrite });
  await file.append(Buffer.from(text));
  await file.close();
  return file;
}

describe('AtomicFile', () => {
  it('shows nothing under the final name before it is committed, and only that name after', async () => {
    const file = await AtomicFile.create(join(folder, 'a.wav'), { overwrite: false });
    await file.append(Buffer.from('whole'));
    const [temporary, ...more] = readdirSync(folder);
    expect(more).toEqual([]);
    expect(temporary).toMatch(/^\.sotto-\d+-[0-9a-f]{16}\.part$/);
    await file.close();
    await file.commit();
    expect(readdirSync(folder)).toEqual(['a.wav']);
    expect(readFileSync(join(folder, 'a.wav'), 'utf8')).toBe('whole');
  });

  it.runIf(process.platform !== 'win32')(
    'is private from its first byte on where it is told to be',
    async () => {
      const permissions = (path: string): number => statSync(path).mode & 0o777;
      writeFileSync(join(folder, 'a.spk'), 'earlier', { mode: 0o644 });
      const file = await AtomicFile.create(join(folder, 'a.spk'), { overwrite: true, mode: 0o600 });
      expect(permissions(file.temporaryPath)).toBe(0o600);
      await file.close();
      await file.commit();
      expect(permissions(join(folder, 'a.spk'))).toBe(0o600);
    },
  );

  it('gives the file the neutral time', async () => {
    const file = await written('a.wav', 'x');
    await file.commit();
    expect(statSync(join(folder, 'a.wav')).mtime.toISOString()).toBe('1980-01-02T00:00:00.000Z');
  });

  it('is touched every minute until it has its name, so that nobody takes it for abandoned', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const file = await written('a.wav', 'x');
      // A proof only reads, however long it takes.
      utimesSync(file.temporaryPath, 1000, 1000);
      vi.advanceTimersByTime(60_000);
      await vi.waitFor(() => {
        expect(statSync(file.temporaryPath).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
      });
      vi.advanceTimersByTime(60_000);
      await file.commit();
      vi.advanceTimersByTime(60_000);
      expect(vi.getTimerCount()).toBe(0);
      expect(statSync(join(folder, 'a.wav')).mtime.toISOString()).toBe('1980-01-02T00:00:00.000Z');
      const discarded = await written('b.wav', 'x');
      await discarded.discard();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('removes everything when discarded, open or closed, and more than once', async () => {
    const open = await AtomicFile.create(join(folder, 'a.wav'), { overwrite: false });
    const closed = await written('b.wav', 'x');
    for (const file of [open, closed, open, closed]) await file.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('erases what this process has not finished, in whichever thread, and nothing of others', async () => {
    const file = await written('a.wav', 'begun');
    const own = basename(file.temporaryPath);
    // As a thread names it: the same beginning.
    writeFileSync(join(folder, own.replace(/[0-9a-f]{8}\.part$/, '00000000.part')), 'begun in a thread');
    const others = `.sotto-${process.pid}-${'0'.repeat(16)}.part`;
    writeFileSync(join(folder, others), 'begun on another machine');
    await (await written('whole.wav', 'whole')).commit();
    eraseUnfinished(folder);
    expect(readdirSync(folder).sort()).toEqual([others, 'whole.wav']);
    eraseUnfinished(join(folder, 'missing'));
  });

  it('shares the beginning of its temporary names with the threads of this process', async () => {
    const file = await written('a.wav', 'x');
    const [, token] = /^\.sotto-\d+-([0-9a-f]{8})/.exec(basename(file.temporaryPath)) ?? [];
    const code = `const { getEnvironmentData, parentPort } = require('node:worker_threads');
      parentPort.postMessage(getEnvironmentData('sotto.temporary-files'));`;
    const worker = new Worker(code, { eval: true });
    expect(await once(worker, 'message')).toEqual([token]);
    await file.discard();
  });

  it('keeps the committed file when discarded afterwards', async () => {
    const file = await written('a.wav', 'x');
    await file.commit();
    await file.discard();
    expect(readdirSync(folder)).toEqual(['a.wav']);
  });

  it('refuses an existing file at once unless told to overwrite', async () => {
    writeFileSync(join(folder, 'a.wav'), 'old');
    await expect(AtomicFile.create(join(folder, 'a.wav'), { overwrite: false })).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
    });
    const file = await written('a.wav', 'new', true);
    expect(readFileSync(join(folder, 'a.wav'), 'utf8')).toBe('old');
    await file.commit();
    expect(readFileSync(join(folder, 'a.wav'), 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['a.wav']);
  });

  it('lets only one of many jobs take the same name', async () => {
    const files = await Promise.all(['1', '2', '3', '4', '5'].map((text) => written('a.wav', text)));
    const results = await Promise.allSettled(files.map((file) => file.commit()));
    const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [String(i + 1)] : []));
    expect(winners).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'OUTPUT_EXISTS' });
    }
    await Promise.all(files.map((file) => file.discard()));
    expect(readdirSync(folder)).toEqual(['a.wav']);
    expect(readFileSync(join(folder, 'a.wav'), 'utf8')).toBe(winners[0]);
  });

  it('takes the name safely on a file system without hard links', async () => {
    const linkFile = (): Promise<void> =>
      Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));
    const files = await Promise.all(
      ['1', '2', '3'].map(async (text) => {
        const file = await AtomicFile.create(join(folder, 'a.wav'), { overwrite: false, linkFile });
        await file.append(Buffer.from(text));
        await file.close();
        return file;
      }),
    );
    const results = await Promise.allSettled(files.map((file) => file.commit()));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    await Promise.all(files.map((file) => file.discard()));
    expect(readdirSync(folder)).toEqual(['a.wav']);
    expect(readFileSync(join(folder, 'a.wav'), 'utf8')).toMatch(/^[123]$/);
  });

  it('replaces a link by the file and leaves what it pointed to alone', async () => {
    writeFileSync(join(folder, 'precious'), 'keep');
    symlinkSync(join(folder, 'precious'), join(folder, 'a.wav'));
    const file = await written('a.wav', 'new', true);
    await file.commit();
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('keep');
    expect(readFileSync(join(folder, 'a.wav'), 'utf8')).toBe('new');
  });

  it('says what is wrong with the place', async () => {
    mkdirSync(join(folder, 'taken.wav'));
    writeFileSync(join(folder, 'file'), '');
    const cases: [string, string][] = [
      ['taken.wav', 'OUTPUT_NOT_WRITABLE'],
      ['missing/a.wav', 'OUTPUT_FOLDER_MISSING'],
      ['file/a.wav', 'OUTPUT_FOLDER_MISSING'],
      [`${'é'.repeat(128)}.wav`, 'OUTPUT_NAME_TOO_LONG'],
      [`${'deep/'.repeat(1000)}a.wav`, 'OUTPUT_NAME_TOO_LONG'],
    ];
    for (const [name, code] of cases) {
      const path = join(folder, name);
      const error: unknown = await AtomicFile.create(path, { overwrite: true }).catch((e: unknown) => e);
      expect(await outputError(error, path, 0), name.slice(0, 20)).toMatchObject({ code });
    }
    expect(readdirSync(folder).sort()).toEqual(['file', 'taken.wav']);
  });

  it.each([
    ['up', 3, 8],
    ['down', 8, 3],
  ])('moves all bytes %s over several pieces', async (_, from, to) => {
    const file = await AtomicFile.create(join(folder, 'a.bin'), { overwrite: false });
    const body = Buffer.alloc(2_500_000);
    for (let i = 0; i < body.length; i += 4) body.writeUInt32LE((i * 2654435761) % 2 ** 32, i);
    await file.append(Buffer.alloc(from));
    await file.append(body);
    await file.shift(from, to);
    expect(file.sizeBytes).toBe(to + body.length);
    await file.close();
    expect(readFileSync(file.temporaryPath).subarray(to).equals(body)).toBe(true);
    await file.discard();
  });
});
