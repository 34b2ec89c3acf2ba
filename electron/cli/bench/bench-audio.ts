import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { AppError } from '../../contract/app-error.js';
import { spawnTool } from '../../engine/io/ffmpeg/tool-process.js';
import { dottedExtensions } from '../../engine/io/reading/expand-inputs.js';
import { assetFolder } from '../asset-folder.js';

/**
 * Makes a 48 kHz stereo 16-bit WAV of the wanted length by repeating the first demo recording.
 * @throws AppError INPUT_NOT_FOUND without a demo recording; TOOL_MISSING, TOOL_FAILED
 */
export async function makeBenchAudio(path: string, seconds: number, signal: AbortSignal): Promise<void> {
  const loop = ['-stream_loop', '-1', '-i', await firstDemo()];
  await ffmpegTo(
    path,
    [...loop, '-t', String(seconds), '-ar', '48000', '-ac', '2', '-c:a', 'pcm_s16le'],
    signal,
  );
}

/**
 * What the machine needs for a plain noise reduction of `input` without a net: ffmpeg's spectral one, as a measure to compare with.
 * @returns wall seconds
 */
export async function timePeer(input: string, output: string, signal: AbortSignal): Promise<number> {
  const startedMs = performance.now();
  await ffmpegTo(output, ['-i', input, '-af', 'afftdn', '-c:a', 'pcm_s16le'], signal);
  return (performance.now() - startedMs) / 1000;
}

async function ffmpegTo(output: string, words: readonly string[], signal: AbortSignal): Promise<void> {
  const tool = await spawnTool('ffmpeg', ['-y', ...words, output], { signal });
  tool.stdout.resume();
  try {
    await tool.succeed();
  } finally {
    tool.kill();
  }
}

/** @throws AppError INPUT_NOT_FOUND without a demo recording */
export async function firstDemo(): Promise<string> {
  const folder = assetFolder('demo');
  const names = (await readdir(folder)).filter((name) => dottedExtensions.has(extname(name))).sort();
  if (names[0] !== undefined) return join(folder, names[0]);
  throw new AppError(
    'INPUT_NOT_FOUND',
    `Expected demo recordings in ${folder}; found none. Install Sotto again.`,
  );
}
