import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Playback } from '../../contract/media.js';
import { PeakBins } from '../dsp/peaks.js';
import { frameCount, type PlanarSamples } from '../dsp/planar.js';
import { diskFull, freeBytes, outputError } from '../io/output-error.js';
import { playable } from './playable.js';

/** Sample frames in one bin of a peaks file: 5 ms at 48 kHz, finer than a pixel at any zoom that shows bins. */
const samplesPerPeak = 256;

/** Room left on the disk besides the copy itself, so that the rest of the machine can go on. */
const spareBytes = 64 * 1024 * 1024;

/** Which of a recording's playback copies. */
export type PlaybackKind = 'raw' | 'result' | 'preview';

/** The stream that is copied. */
export interface PlaybackFormat {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** null when nobody can tell; the free space is then not checked beforehand */
  readonly expectedSampleFrames: number | null;
}

/** The peaks file of a copy, and what it is filled from. */
interface PeaksFile {
  readonly file: FileHandle;
  readonly bins: PeakBins;
}

/**
 * Writes one playback copy: `KIND.pcm`, interleaved little-endian float32, and `KIND.peaks`, which a preview has not, for its waveform is
 * never drawn. Both appear under their names only when they are whole.
 */
export class PlaybackCache {
  readonly #folder: string;
  readonly #kind: PlaybackKind;
  readonly #format: PlaybackFormat;
  readonly #pcm: FileHandle;
  readonly #peaks: PeaksFile | null;
  #sampleFrames = 0;
  #ended = false;

  private constructor(
    folder: string,
    kind: PlaybackKind,
    format: PlaybackFormat,
    pcm: FileHandle,
    peaks: PeaksFile | null,
  ) {
    this.#folder = folder;
    this.#kind = kind;
    this.#format = format;
    this.#pcm = pcm;
    this.#peaks = peaks;
  }

  /**
   * @param folder  existing folder for the copies of one recording
   * @throws AppError OUTPUT_DISK_FULL before anything is written, OUTPUT_FOLDER_MISSING, OUTPUT_NOT_WRITABLE
   */
  static async open(folder: string, kind: PlaybackKind, format: PlaybackFormat): Promise<PlaybackCache> {
    await assertRoom(folder, kind, format);
    const path = join(folder, `${kind}.pcm`);
    let pcm: FileHandle | null = null;
    try {
      pcm = await open(`${path}.part`, 'w', 0o600);
      const peaks = kind === 'preview' ? null : await openPeaks(folder, kind, format.channels);
      return new PlaybackCache(folder, kind, format, pcm, peaks);
    } catch (error) {
      await pcm?.close();
      await rm(`${path}.part`, { force: true });
      throw await outputError(error, path, 0);
    }
  }

  /**
   * @param block  planar, [channels][frames]; not modified and not kept. What is no number is played as silence.
   * @throws AppError OUTPUT_DISK_FULL, OUTPUT_NOT_WRITABLE
   */
  async write(block: PlanarSamples): Promise<void> {
    const heard = playable(block);
    this.#sampleFrames += frameCount(block);
    try {
      await writeAll(this.#pcm, interleave(heard));
      if (this.#peaks) await writeAll(this.#peaks.file, this.#peaks.bins.push(heard));
    } catch (error) {
      throw await outputError(error, this.#path('pcm'), this.#sampleFrames * 4 * this.#format.channels);
    }
  }

  /** Completes what is written and gives it its names. Nothing may follow but `abort`, which then does nothing. */
  async finish(): Promise<Playback> {
    try {
      if (this.#peaks) await writeAll(this.#peaks.file, this.#peaks.bins.finish());
      await this.#close();
      await rename(`${this.#path('pcm')}.part`, this.#path('pcm'));
      if (this.#peaks) await rename(`${this.#path('peaks')}.part`, this.#path('peaks'));
    } catch (error) {
      throw await outputError(error, this.#path('pcm'), 0);
    }
    const { sampleRateHz, channels } = this.#format;
    return { sampleRateHz, channels, sampleFrames: this.#sampleFrames, samplesPerPeak };
  }

  /** Removes what was written. */
  async abort(): Promise<void> {
    if (!this.#ended) await this.#close();
    await rm(`${this.#path('pcm')}.part`, { force: true });
    await rm(`${this.#path('peaks')}.part`, { force: true });
  }

  async #close(): Promise<void> {
    this.#ended = true;
    await Promise.all([this.#pcm.close(), this.#peaks?.file.close()]);
  }

  #path(ending: 'pcm' | 'peaks'): string {
    return join(this.#folder, `${this.#kind}.${ending}`);
  }
}

async function openPeaks(folder: string, kind: PlaybackKind, channels: number): Promise<PeaksFile> {
  const file = await open(join(folder, `${kind}.peaks.part`), 'w', 0o600);
  return { file, bins: new PeakBins(channels, samplesPerPeak) };
}

async function assertRoom(folder: string, kind: PlaybackKind, format: PlaybackFormat): Promise<void> {
  if (format.expectedSampleFrames === null) return;
  const neededBytes = format.expectedSampleFrames * format.channels * Float32Array.BYTES_PER_ELEMENT;
  const free = await freeBytes(folder);
  if (free !== null && free < neededBytes + spareBytes) {
    throw diskFull(join(folder, `${kind}.pcm`), neededBytes + spareBytes, free);
  }
}

/** @returns [frames][channels], rounded to float32 */
function interleave(block: PlanarSamples): Float32Array<ArrayBuffer> {
  const channels = block.length;
  const interleaved = new Float32Array(frameCount(block) * channels);
  block.forEach((samples, channel) => {
    for (let frame = 0, at = channel; frame < samples.length; frame += 1, at += channels) {
      interleaved[at] = samples[frame] as number;
    }
  });
  return interleaved;
}

async function writeAll(file: FileHandle, samples: Float32Array | Int16Array): Promise<void> {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  // A nearly full disk takes a part and refuses the rest with the next call.
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}
