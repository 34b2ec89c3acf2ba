import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../contract/app-error.js';
import { silence, type Planar } from '../dsp/planar.js';

/** Sample frames, end exclusive. */
export interface FrameSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads part of a playback copy, which holds the very float32 samples that a chain is given in an export.
 * @param path         headerless interleaved little-endian float32
 * @param channels     1 or more
 * @param blockFrames  sample frames in one block; the last one may be shorter
 * @returns planar blocks, [channels][frames]
 * @throws AppError INPUT_UNREADABLE when the copy is gone or shorter than `span`
 */
export async function* playbackBlocks(
  path: string,
  channels: number,
  span: FrameSpan,
  blockFrames: number,
): AsyncGenerator<Planar, void> {
  const file = await openCopy(path);
  try {
    for (let at = span.from; at < span.to; at += blockFrames) {
      const frames = Math.min(blockFrames, span.to - at);
      yield await readBlock(file, channels, at, frames);
    }
  } finally {
    await file.close();
  }
}

async function openCopy(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch {
    throw unreadable('found nothing there');
  }
}

async function readBlock(file: FileHandle, channels: number, at: number, frames: number): Promise<Planar> {
  const interleaved = new Float32Array(frames * channels);
  const bytes = new Uint8Array(interleaved.buffer);
  const place = at * channels * Float32Array.BYTES_PER_ELEMENT;
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, place + done);
    if (bytesRead === 0) throw unreadable(`found its end before sample frame ${at + frames}`);
    done += bytesRead;
  }
  const block = silence(channels, frames);
  block.forEach((samples, channel) => {
    for (let frame = 0; frame < frames; frame++) samples[frame] = interleaved[frame * channels + channel]!;
  });
  return block;
}

function unreadable(found: string): AppError {
  return new AppError(
    'INPUT_UNREADABLE',
    `Expected the playback copy of the recording, ${found}. Take the recording off the queue and add it again.`,
  );
}
