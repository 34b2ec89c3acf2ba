import { createHash } from 'node:crypto';
import { AppError } from '../../../contract/app-error.js';
import type { PlanarSamples } from '../../dsp/planar.js';
import { EncoderChild } from '../output-child.js';
import type { EncoderOptions, OutputEncoder, OutputSink } from '../output-encoder.js';
import { SamplePacker } from '../output-samples.js';
import { flacCrc16 } from './flac-crc.js';
import { findFlacFrame, maxFlacHeaderBytes, parseFlacFrameHeader } from './flac-frame.js';
import type { FlacFormat } from './flac-proof.js';
import { flacHead, flacHeadBytes } from './flac-stream-info.js';

/** Sample frames of every block but the last: what the reference encoder takes, and allowed at every rate. */
const blockFrames = 4096;

/**
 * Writes FLAC. ffmpeg makes bare frames; the head is wholly Sotto's: marker and STREAMINFO, whose MD5 is of the samples as
 * they were handed to ffmpeg, so that any decoder proves the whole way.
 */
export class FlacEncoder implements OutputEncoder {
  readonly #sink: OutputSink;
  readonly #options: EncoderOptions;
  readonly #bitsPerSample: 16 | 24;
  readonly #packer: SamplePacker;
  readonly #md5 = createHash('md5');
  readonly #sizes = new FlacFrameSizes();
  #child: EncoderChild | null = null;

  constructor(sink: OutputSink, format: FlacFormat, options: EncoderOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#bitsPerSample = format === 'flac16' ? 16 : 24;
    this.#packer = new SamplePacker(
      format === 'flac16' ? 's16' : 's24',
      options.stream.channels,
      options.dither,
    );
  }

  get clippedSamples(): number {
    return this.#packer.clippedSamples;
  }

  async write(block: PlanarSamples): Promise<void> {
    const bytes = this.#packer.pack(block);
    this.#child ??= await this.#start();
    this.#md5.update(bytes);
    await this.#child.write(bytes);
  }

  async finish(sampleFrames: number): Promise<void> {
    await this.#child?.finish();
    const sizes = this.#sizes.finish();
    const { channels, sampleRateHz } = this.#options.stream;
    const head = flacHead({
      blockFrames,
      minFrameBytes: sizes.smallest,
      maxFrameBytes: sizes.largest,
      sampleRateHz,
      channels,
      bitsPerSample: this.#bitsPerSample,
      sampleFrames,
      md5: this.#md5.digest(),
    });
    await this.#sink.writeAt(head, 0);
  }

  async close(): Promise<void> {
    await this.#child?.close();
  }

  async #start(): Promise<EncoderChild> {
    await this.#sink.append(Buffer.alloc(flacHeadBytes));
    const sampleFormat = this.#bitsPerSample === 16 ? ['s16'] : ['s32', '-bits_per_raw_sample', '24'];
    return EncoderChild.start(
      this.#options.stream,
      this.#bitsPerSample === 16 ? 's16le' : 's24le',
      ['-c:a', 'flac', '-sample_fmt', ...sampleFormat, '-frame_size', String(blockFrames)]
        // Bare frames: the muxer's own head would hold a comment block.
        .concat(['-write_header', '0', '-f', 'flac']),
      async (bytes) => {
        this.#sizes.push(bytes);
        await this.#sink.append(bytes);
      },
      this.#options.signal,
    );
  }
}

/**
 * Finds out how long the frames of a stream of bare FLAC frames are. Sound may hold a right header by chance: a frame ends
 * only where its CRC-16 comes out as well.
 */
export class FlacFrameSizes {
  #rest = Buffer.alloc(0);
  #frameNumber = 0;
  #searched = 1;
  #smallest = Infinity;
  #largest = 0;

  /** @param bytes  as they come, cut anywhere; not kept */
  push(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let start = 0;
    let from = this.#searched;
    for (;;) {
      const next = findFlacFrame(all, from, this.#frameNumber + 1);
      if (next === -1) break;
      from = next + 1;
      if (flacCrc16(0, all, start, next) !== 0) continue;
      this.#count(next - start);
      start = next;
      this.#frameNumber++;
    }
    this.#rest = Buffer.from(all.subarray(start));
    // A header cut off at the end is searched again with the next bytes.
    this.#searched = Math.max(from - start, this.#rest.length - maxFlacHeaderBytes, 1);
  }

  /** @returns bytes of the smallest and the largest frame @throws AppError TOOL_FAILED when there was no frame */
  finish(): { smallest: number; largest: number } {
    if (parseFlacFrameHeader(this.#rest, 0) === null) {
      throw new AppError('TOOL_FAILED', 'Expected FLAC frames from ffmpeg, found something else.');
    }
    this.#count(this.#rest.length);
    return { smallest: this.#smallest, largest: this.#largest };
  }

  #count(bytes: number): void {
    this.#smallest = Math.min(this.#smallest, bytes);
    this.#largest = Math.max(this.#largest, bytes);
  }
}
