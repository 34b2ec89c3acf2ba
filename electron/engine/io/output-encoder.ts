import type { PlanarSamples } from '../dsp/planar.js';
import type { WriterFormat } from './audio-writer.js';

/** Where an encoder puts its bytes: the temporary file. */
export interface OutputSink {
  readonly sizeBytes: number;
  append(bytes: Uint8Array): Promise<void>;
  writeAt(bytes: Uint8Array, position: number): Promise<void>;
  shift(from: number, to: number): Promise<void>;
}

/** What an encoder is opened for. */
export interface EncoderOptions {
  readonly stream: WriterFormat;
  /** null when nobody knows; only a guess, never trusted */
  readonly expectedSampleFrames: number | null;
  /** triangular dither where samples become integers of 16 bits or fewer */
  readonly dither: boolean;
  readonly signal: AbortSignal;
}

/** One format's part of writing: samples to bytes. Temporary file, proof and name are the same for all and not its concern. */
export interface OutputEncoder {
  readonly clippedSamples: number;
  write(block: PlanarSamples): Promise<void>;
  /** Writes what is left and completes headers. @param sampleFrames  given to `write` in all, at least 1 */
  finish(sampleFrames: number): Promise<void>;
  /** Ends child processes; safe at any time and more than once. */
  close(): Promise<void>;
}
