import type { Proof } from '../../contract/report.js';
import type { PlanarSamples } from '../dsp/planar.js';

/** What a writer is opened for. */
export interface WriterFormat {
  readonly sampleRateHz: number;
  readonly channels: number;
}

/**
 * Writes one new file from samples alone: a new container with allow-listed parts only, under a temporary name
 * beside the target. Nothing of the source's container can reach it.
 */
export interface AudioWriter {
  /** samples that had to be clipped to full scale so far; 0 for float formats */
  readonly clippedSamples: number;
  /** @param block planar, [channels][frames], finite unless the target is a float format; not modified */
  write(block: PlanarSamples): Promise<void>;
  /**
   * Completes the temporary file, re-opens it and accounts for every byte, then renames it to the target.
   * After an error nothing is left, as after `abort`.
   * @throws AppError OUTPUT_NOT_CLEAN, OUTPUT_DISK_FULL, OUTPUT_NOT_WRITABLE, OUTPUT_EXISTS, INPUT_NO_SAMPLES when nothing was
   *   written, TOOL_FAILED, CANCELLED
   */
  finish(): Promise<{ proof: Proof; sha256: string }>;
  /** Removes the temporary file. Does nothing after `finish`. */
  abort(): Promise<void>;
}
