import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inputArguments } from './input-arguments.js';
import { runTool, spawnTool } from './tool-process.js';

// Every step starts a program; on a busy machine one start alone can take a second.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const limits = { timeoutSeconds: 20, maxOutputBytes: 1e6 };
const endlessTone = ['-f', 'lavfi', '-i', 'sine', '-f', 's16le', 'pipe:1'];
const throughPipe = ['-f', 's16le', '-ar', '8000', '-ac', '1', '-i', 'pipe:0', '-f', 's16le', 'pipe:1'];

/** What Linux says of each child of this process: id, name, state, parent, group; nothing elsewhere. */
function children(): string[] {
  const path = `/proc/${process.pid}/task/${process.pid}/children`;
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split(' ')
    .filter((pid) => pid !== '' && existsSync(`/proc/${pid}/stat`))
    .map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** Those that have ended but were not waited for. */
function zombies(): string[] {
  return children().filter((line) => line.includes(') Z '));
}

describe('spawnTool', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sotto-tool-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('carries bytes through a program in order, also while the reader lags behind', async () => {
    const tool = await spawnTool('ffmpeg', throughPipe, { input: 'pipe' });
    const sent = Buffer.alloc(4_000_000);
    for (let i = 0; i < sent.length / 2; i++) sent.writeInt16LE(((i * 7919) % 65536) - 32768, i * 2);
    const feed = (async () => {
      for (let at = 0; at < sent.length; at += 100_000) await tool.write(sent.subarray(at, at + 100_000));
      tool.endInput();
    })();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const parts: Buffer[] = [];
    for await (const part of tool.stdout as AsyncIterable<Buffer>) parts.push(part);
    await feed;
    await tool.succeed();
    expect(Buffer.concat(parts).equals(sent)).toBe(true);
  });

  it('holds back whoever writes faster than the program reads', async () => {
    const tool = await spawnTool('ffmpeg', throughPipe, { input: 'pipe' });
    let written = 0;
    const feed = (async () => {
      for (let n = 0; n < 200; n++) {
        await tool.write(new Uint8Array(100_000));
        written += 100_000;
      }
    })().catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 400));
    // Nobody reads stdout: only what fits into pipes and ffmpeg's own buffers may have gone in.
    expect(written).toBeLessThan(10_000_000);
    tool.kill();
    expect(await feed).toMatchObject({ code: 'TOOL_FAILED' });
  });

  it('is killed by the signal within moments and leaves no zombie', async () => {
    const abort = new AbortController();
    const tool = await spawnTool('ffmpeg', endlessTone, { signal: abort.signal });
    tool.stdout.resume();
    setTimeout(() => abort.abort(), 50);
    await expect(tool.succeed()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await tool.exit).signalName).toBe('SIGKILL');
    expect(zombies()).toEqual([]);
  });

  it.runIf(process.platform === 'linux')(
    'is out of reach of a Ctrl-C that is meant for this process',
    async () => {
      const tool = await spawnTool('ffmpeg', endlessTone);
      try {
        const [own = ''] = children().filter((line) => line.includes('(ffmpeg)'));
        const [pid] = own.split(' ');
        expect(own.slice(own.indexOf(') ')).split(' ')[3]).toBe(pid);
      } finally {
        tool.kill();
        await tool.exit;
      }
    },
  );

  it('does not start at all when already aborted', async () => {
    await expect(spawnTool('ffmpeg', endlessTone, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('can be killed twice and after the end', async () => {
    const tool = await spawnTool('ffmpeg', endlessTone);
    tool.kill();
    tool.kill();
    await tool.exit;
    tool.kill();
    expect(zombies()).toEqual([]);
  });

  it("reports a failed program with the program's own last words", async () => {
    const tool = await spawnTool('ffmpeg', [...inputArguments('/does/not/exist'), '-f', 'null', '-']);
    tool.stdout.resume();
    await expect(tool.succeed()).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: expect.stringContaining('No such file') as string,
    });
  });

  it('answers a write to a program that has gone', async () => {
    const tool = await spawnTool('ffmpeg', ['-f', 'nonsense', '-i', 'pipe:0', '-f', 'null', '-'], {
      input: 'pipe',
    });
    tool.stdout.resume();
    await tool.exit;
    await expect(tool.write(new Uint8Array(10))).rejects.toMatchObject({ code: 'TOOL_FAILED' });
  });

  it('does not write logs that a variable of the environment asks for', async () => {
    const log = join(folder, 'report.log');
    process.env['FFREPORT'] = `file=${log}`;
    try {
      await runTool('ffmpeg', ['-f', 'lavfi', '-i', 'sine=d=0.1', '-f', 'null', '-'], limits);
    } finally {
      delete process.env['FFREPORT'];
    }
    expect(existsSync(log)).toBe(false);
  });
});

describe('runTool', () => {
  it('ends a program that takes too long', async () => {
    await expect(
      runTool('ffmpeg', ['-re', ...endlessTone], { ...limits, timeoutSeconds: 0.3 }),
    ).rejects.toMatchObject({ code: 'TOOL_FAILED', details: { timedOut: true } });
    expect(zombies()).toEqual([]);
  });

  it('ends a program that writes too much', async () => {
    await expect(runTool('ffmpeg', endlessTone, { ...limits, maxOutputBytes: 1000 })).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: expect.stringContaining('at most 1000 bytes') as string,
    });
  });

  it('ends with CANCELLED when aborted under way', async () => {
    await expect(
      runTool('ffmpeg', ['-re', ...endlessTone], { ...limits, signal: AbortSignal.timeout(100) }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('inputArguments', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sotto-input-'));
    const tone = join(folder, 'other.wav');
    await runTool('ffmpeg', ['-f', 'lavfi', '-i', 'sine=d=0.1', '-y', tone], limits);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('keeps playlists from opening other files', async () => {
    const lists = {
      'concat.wav': `ffconcat version 1.0\nfile ${join(folder, 'other.wav')}\n`,
      'list.m3u8': `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:${join(folder, 'other.wav')}\n#EXT-X-ENDLIST\n`,
    };
    for (const [name, text] of Object.entries(lists)) {
      const path = join(folder, name);
      await writeFile(path, text);
      const { exit, stdout } = await runTool('ffprobe', ['-show_streams', ...inputArguments(path)], limits);
      expect(exit.code).not.toBe(0);
      expect(stdout.toString()).not.toContain('codec_name=pcm');
    }
  });

  it('keeps playlists from reaching the network', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const path = join(folder, 'net.m3u8');
    const text = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:${port}/a.ts\n#EXT-X-ENDLIST\n`;
    await writeFile(path, text);
    await runTool('ffprobe', ['-show_streams', ...inputArguments(path)], limits);
    expect(connections).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });

  it('opens files whose names look like options or addresses', async () => {
    for (const name of [
      '-i.wav',
      'http:x.wav',
      'concat:a|b.wav',
      'pipe:0',
      'a\nb.wav',
      '%03d.wav',
      'q\'".wav',
      '🎙.wav',
    ]) {
      const path = join(folder, name);
      await runTool('ffmpeg', ['-f', 'lavfi', '-i', 'sine=d=0.1', '-f', 'wav', '-y', `file:${path}`], limits);
      const { exit } = await runTool('ffprobe', ['-show_streams', ...inputArguments(path)], limits);
      expect(exit.code, name).toBe(0);
    }
  });
});
