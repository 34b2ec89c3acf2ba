import { dirname } from 'node:path';
import { AppError } from '../../contract/app-error.js';
import type { Proof } from '../../contract/report.js';
import { frameCount, type PlanarSamples } from '../dsp/planar.js';
import { throwIfAborted } from './abort.js';
import { AtomicFile, type AtomicFileOptions } from './atomic-file.js';
import type { AudioWriter, WriterFormat } from './audio-writer.js';
import type { OutputEncoder } from './output-encoder.js';
import { diskFull, freeBytes, outputError } from './output-error.js';
import { assertSupported, storedRateHz, storedSampleFrames, type ConcreteFormat } from './output-format.js';
import { proveFile } from './output-proof.js';
import { expectedBytes, leastBytes } from './output-size.js';
import { FlacEncoder } from './flac/flac-encoder.js';
import { Mp3Encoder } from './mp3/mp3-encoder.js';
import { OpusEncoder } from './opus/opus-encoder.js';
import { WavEncoder } from './wav/wav-encoder.js';

/** @see openWriter */
export interface WriterOptions {
  /** final path; its folder must exist */
  readonly path: string;
  /** whether a file of that name may be replaced */
  readonly overwrite: boolean;
  readonly format: ConcreteFormat;
  /** of the samples that will be written; see `storedRateHz` for the rate the file will have */
  readonly stream: WriterFormat;
  /** for the check of free space and the choice of RF64; null when nobody knows. Only a guess. */
  readonly expectedSampleFrames: number | null;
  /** triangular dither where samples become integers of 16 bits or fewer; pass true only when a stage changed them */
  readonly dither: boolean;
  readonly signal: AbortSignal;
  /** replaces parts of the file system in tests */
  readonly fileSystem?: Pick<AtomicFileOptions, 'openFile' | 'linkFile'>;
}

/**
 * Opens a new file for samples. Nothing appears under `path` before `finish` has proven every byte; after any error, or
 * an abort of `signal`, nothing is left behind.
 * @throws AppError OUTPUT_UNSUPPORTED, OUTPUT_EXISTS, OUTPUT_FOLDER_MISSING, OUTPUT_NOT_WRITABLE, OUTPUT_NAME_TOO_LONG,
 *   OUTPUT_DISK_FULL, TOOL_MISSING, CANCELLED
 */
export async function openWriter(options: WriterOptions): Promise<AudioWriter> {
  const { path, format, stream, expectedSampleFrames, signal } = options;
  assertSupported(format, stream);
  throwIfAborted(signal);
  const neededBytes = expectedBytes(format, stream, expectedSampleFrames ?? 0);
  let file: AtomicFile;
  try {
    file = await AtomicFile.create(path, { overwrite: options.overwrite, ...options.fileSystem });
  } catch (error) {
    throw await outputError(error, path, neededBytes);
  }
  try {
    const free = await freeBytes(dirname(file.target));
    if (free !== null && free < leastBytes(format, stream, expectedSampleFrames ?? 0)) {
      throw diskFull(file.target, neededBytes, free);
    }
    return new FileWriter(file, openEncoder(file, options), options, neededBytes);
  } catch (error) {
    await file.discard();
    throw await outputError(error, path, neededBytes);
  }
}

function openEncoder(file: AtomicFile, options: WriterOptions): OutputEncoder {
  const { format } = options;
  switch (format) {
    case 'flac16':
    case 'flac24':
      return new FlacEncoder(file, format, options);
    case 'mp3':
      return new Mp3Encoder(file, options);
    case 'opus':
      return new OpusEncoder(file, options);
    default:
      return new WavEncoder(file, format, options);
  }
}

/** The frame around every format: temporary file, cancelling, errors in words, proof, final name. */
class FileWriter implements AudioWriter {
  readonly #file: AtomicFile;
  readonly #encoder: OutputEncoder;
  readonly #options: WriterOptions;
  readonly #neededBytes: number;
  #sampleFrames = 0;
  #ended = false;

  constructor(file: AtomicFile, encoder: OutputEncoder, options: WriterOptions, neededBytes: number) {
    this.#file = file;
    this.#encoder = encoder;
    this.#options = options;
    this.#neededBytes = neededBytes;
  }

  get clippedSamples(): number {
    return this.#encoder.clippedSamples;
  }

  async write(block: PlanarSamples): Promise<void> {
    await this.#guarded(async () => {
      // A block without frames is nothing to write; processors give such back while they hold frames.
      if (block.length === this.#options.stream.channels && frameCount(block) === 0) return;
      await this.#encoder.write(block);
      this.#sampleFrames += frameCount(block);
    });
  }

  async finish(): Promise<{ proof: Proof; sha256: string }> {
    return this.#guarded(async () => {
      if (this.#sampleFrames === 0) {
        throw new AppError(
          'INPUT_NO_SAMPLES',
          'Expected at least one sample to write, found none. No file was made.',
        );
      }
      await this.#encoder.finish(this.#sampleFrames);
      await this.#encoder.close();
      await this.#file.close();
      const { proof, sha256, facts } = await proveFile(
        this.#file.temporaryPath,
        this.#options.format,
        this.#options.signal,
      );
      this.#assertFacts(facts);
      throwIfAborted(this.#options.signal);
      // From here on the file gets its name: an abort comes too late and must not interfere.
      this.#ended = true;
      try {
        await this.#file.commit();
      } catch (error) {
        await this.#file.discard();
        throw error;
      }
      return { proof, sha256 };
    });
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    try {
      await this.#encoder.close();
    } finally {
      await this.#file.discard();
    }
  }

  /** The file must hold what was written, not only nothing else. */
  #assertFacts(facts: { sampleRateHz: number; channels: number; sampleFrames: number }): void {
    const { format, stream } = this.#options;
    const expected = {
      sampleRateHz: storedRateHz(format, stream.sampleRateHz),
      channels: stream.channels,
      sampleFrames: storedSampleFrames(format, stream.sampleRateHz, this.#sampleFrames),
    };
    const words = (f: typeof expected): string =>
      `${f.sampleFrames} sample frames of ${f.channels} channels at ${f.sampleRateHz} Hz`;
    if (words(facts) === words(expected)) return;
    throw new AppError(
      'OUTPUT_NOT_CLEAN',
      `Expected ${words(expected)} in the written file, found ${words(facts)}. ` +
        'The file was not kept; please report this as a fault of Sotto.',
      { expected, found: { ...facts } },
    );
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    try {
      if (this.#ended) throw new AppError('INTERNAL', 'Expected an open writer, found one that has ended.');
      throwIfAborted(signal);
      return await work();
    } catch (error) {
      await this.abort();
      // A killed encoder or a closed file reports its own trouble; the cause is the abort.
      if (!(error instanceof AppError && error.code === 'OUTPUT_EXISTS')) throwIfAborted(signal);
      const needed = Math.max(this.#neededBytes, this.#file.sizeBytes);
      throw await outputError(error, this.#file.target, needed);
    }
  }
}
