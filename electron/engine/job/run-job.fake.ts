import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { ChainSettings } from '../../contract/chain.js';
import type { OutputFormat } from '../../contract/audio-format.js';
import type { JobSettings } from '../../contract/job.js';
import { spawnTool } from '../io/ffmpeg/tool-process.js';
import type { JobEnvironment, JobRequest, JobResult } from './job-request.js';
import { runJob } from './run-job.js';

/** A folder for each test of a file, removed after it. @returns the current test's folder */
export function testFolder(): () => string {
  let folder = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'sotto-job-')));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}

/** @returns settings of a job that changes nothing but what is said */
export function settingsOf(format: OutputFormat = 'same', chain: ChainSettings = {}): JobSettings {
  return { chain, export: { format, names: 'neutral' } };
}

/** Runs a job with everything that a test does not say set to the plainest. */
export function runPlainJob(
  request: Partial<JobRequest> & Pick<JobRequest, 'input' | 'output'>,
  environment: JobEnvironment,
): Promise<JobResult> {
  return runJob(
    {
      overwrite: false,
      settings: settingsOf(),
      cacheFolder: null,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      ...request,
    },
    environment,
  );
}

/** @returns the raw bytes of a WAV file's `data` chunk */
export async function wavData(path: string): Promise<Buffer> {
  const bytes = await readFile(path);
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32LE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === 'data') return bytes.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  throw new Error(`${path} has no data chunk`);
}

/** @returns the first sound stream of any file as raw PCM of ffmpeg's format `sampleFormat` (s16le, s24le, f32le ...) */
export async function decodeRaw(path: string, sampleFormat: string): Promise<Buffer> {
  const words = ['-i', path, '-map', '0:a:0', '-c:a', `pcm_${sampleFormat}`, '-f', sampleFormat, 'pipe:1'];
  const tool = await spawnTool('ffmpeg', words);
  const parts: Buffer[] = [];
  for await (const part of tool.stdout as AsyncIterable<Buffer>) parts.push(part);
  await tool.succeed();
  return Buffer.concat(parts);
}

/** @returns names in `folder`, sorted, hidden ones included */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort();
}

/**
 * Mounts a disk of `sizeKb` kilobytes for the time of `work`.
 * @returns false where this user or system cannot mount one
 */
export async function withSmallDisk(
  folder: string,
  sizeKb: number,
  work: () => Promise<void>,
): Promise<boolean> {
  await mkdir(folder);
  const system = (program: string, ...words: string[]): boolean => spawnSync(program, words).status === 0;
  if (!system('mount', '-t', 'tmpfs', '-o', `size=${sizeKb}k`, 'tmpfs', folder)) return false;
  try {
    await work();
  } finally {
    system('umount', folder);
  }
  return true;
}
