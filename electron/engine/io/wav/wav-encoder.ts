import type { PlanarSamples } from '../../dsp/planar.js';
import type { EncoderOptions, OutputEncoder, OutputSink } from '../output-encoder.js';
import { SamplePacker, type SampleLayout } from '../output-samples.js';
import {
  bytesPerSample,
  riffSizeLimit,
  wavFileBytes,
  wavHeader,
  wavHeaderBytes,
  type WavFormat,
} from './wav-header.js';

const layoutOfFormat: Record<WavFormat, SampleLayout> = {
  wav8: 'u8',
  wav16: 's16',
  wav24: 's24',
  wav32: 's32',
  wav32f: 'f32',
  wav64f: 'f64',
};

/**
 * Writes WAV: `fmt ` and `data` only. Files over 4 GB become RF64; whether that is needed is guessed from the expected
 * length, and put right at the end when the guess was wrong.
 */
export class WavEncoder implements OutputEncoder {
  readonly #sink: OutputSink;
  readonly #format: WavFormat;
  readonly #options: EncoderOptions;
  readonly #packer: SamplePacker;
  readonly #sizeLimit: number;
  readonly #guessedLarge: boolean;
  #started = false;

  /** @param sizeLimit  above this many bytes of RIFF the file becomes RF64; tests pass a small one */
  constructor(sink: OutputSink, format: WavFormat, options: EncoderOptions, sizeLimit = riffSizeLimit) {
    this.#sink = sink;
    this.#format = format;
    this.#options = options;
    this.#sizeLimit = sizeLimit;
    this.#packer = new SamplePacker(layoutOfFormat[format], options.stream.channels, options.dither);
    this.#guessedLarge = this.#isLarge((options.expectedSampleFrames ?? 0) * this.#packer.frameBytes);
  }

  get clippedSamples(): number {
    return this.#packer.clippedSamples;
  }

  async write(block: PlanarSamples): Promise<void> {
    const bytes = this.#packer.pack(block);
    if (!this.#started) {
      // Room for the header, whose sizes are known only at the end.
      this.#started = true;
      await this.#sink.append(Buffer.alloc(this.#headerBytes(this.#guessedLarge)));
    }
    await this.#sink.append(bytes);
  }

  async finish(sampleFrames: number): Promise<void> {
    const { stream } = this.#options;
    const dataBytes = sampleFrames * stream.channels * bytesPerSample(this.#format);
    const large = this.#isLarge(dataBytes);
    if (large !== this.#guessedLarge) {
      await this.#sink.shift(this.#headerBytes(this.#guessedLarge), this.#headerBytes(large));
    }
    if (dataBytes % 2 === 1) await this.#sink.append(Buffer.alloc(1));
    await this.#sink.writeAt(wavHeader(this.#format, stream, dataBytes, large), 0);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #headerBytes(large: boolean): number {
    return wavHeaderBytes(this.#format, this.#options.stream, large);
  }

  #isLarge(dataBytes: number): boolean {
    return wavFileBytes(this.#format, this.#options.stream, dataBytes, false) - 8 > this.#sizeLimit;
  }
}
