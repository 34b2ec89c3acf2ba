import { AppError } from '../../../contract/app-error.js';
import type { PlanarSamples } from '../../dsp/planar.js';
import { EncoderChild } from '../output-child.js';
import type { EncoderOptions, OutputEncoder, OutputSink } from '../output-encoder.js';
import { resamplerTailFrames, storedRateHz, storedSampleFrames } from '../output-format.js';
import { SamplePacker } from '../output-samples.js';
import { mp3Quality } from '../output-size.js';
import { mp3Crc16 } from './mp3-crc.js';
import { mp3HeaderBytes, parseMp3FrameHeader } from './mp3-frame.js';
import {
  infoFramePlace,
  lameDelaySamples,
  maxPaddingSamples,
  mp3InfoFrame,
  Mp3SeekPoints,
} from './mp3-info-frame.js';

/**
 * Writes MP3. ffmpeg's LAME makes bare frames; the Info frame before them, which gives the exact length back to a decoder,
 * is wholly Sotto's. No other tag is written.
 */
export class Mp3Encoder implements OutputEncoder {
  readonly #sink: OutputSink;
  readonly #options: EncoderOptions;
  readonly #channels: 1 | 2;
  readonly #rateHz: number;
  readonly #packer: SamplePacker;
  readonly #points = new Mp3SeekPoints();
  #child: EncoderChild | null = null;
  #rest = Buffer.alloc(0);
  #frames = 0;
  #frameSamples = 0;
  #position: number;
  #audioCrc = 0;

  constructor(sink: OutputSink, options: EncoderOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#channels = options.stream.channels === 1 ? 1 : 2;
    this.#rateHz = storedRateHz('mp3', options.stream.sampleRateHz);
    this.#packer = new SamplePacker('f32clipped', options.stream.channels, false);
    this.#position = infoFramePlace(this.#rateHz, this.#channels).frameBytes;
  }

  get clippedSamples(): number {
    return this.#packer.clippedSamples;
  }

  async write(block: PlanarSamples): Promise<void> {
    const bytes = this.#packer.pack(block);
    this.#child ??= await this.#start();
    await this.#child.write(bytes);
  }

  async finish(sampleFrames: number): Promise<void> {
    const { sampleRateHz } = this.#options.stream;
    // The Info frame cuts this off again.
    await this.#child?.write(
      new Uint8Array(resamplerTailFrames('mp3', sampleRateHz) * this.#packer.frameBytes),
    );
    await this.#child?.finish();
    const stored = storedSampleFrames('mp3', sampleRateHz, sampleFrames);
    const paddingSamples = this.#frames * this.#frameSamples - lameDelaySamples - stored;
    if (this.#rest.length > 0 || paddingSamples < 0 || paddingSamples > maxPaddingSamples) {
      throw new AppError(
        'TOOL_FAILED',
        `Expected whole MP3 frames for ${stored} sample frames from ffmpeg, found ${this.#frames} frames.`,
      );
    }
    const frameBytes = infoFramePlace(this.#rateHz, this.#channels).frameBytes;
    const infoFrame = mp3InfoFrame({
      sampleRateHz: this.#rateHz,
      channels: this.#channels,
      frames: this.#frames,
      audioBytes: this.#position - frameBytes,
      audioCrc: this.#audioCrc,
      seekTable: this.#points.table(this.#position),
      paddingSamples,
    });
    await this.#sink.writeAt(infoFrame, 0);
  }

  async close(): Promise<void> {
    await this.#child?.close();
  }

  async #start(): Promise<EncoderChild> {
    await this.#sink.append(Buffer.alloc(this.#position));
    return EncoderChild.start(
      this.#options.stream,
      'f32le',
      ['-ar', String(this.#rateHz), '-c:a', 'libmp3lame', '-q:a', String(mp3Quality)]
        // Neither ffmpeg's Info frame nor its tags: only frames.
        .concat(['-write_xing', '0', '-id3v2_version', '0', '-write_id3v1', '0', '-f', 'mp3']),
      async (bytes) => {
        this.#count(bytes);
        await this.#sink.append(bytes);
      },
      this.#options.signal,
    );
  }

  /** Follows the chain of frames for the Info frame. */
  #count(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (at + mp3HeaderBytes <= all.length) {
      const header = parseMp3FrameHeader(all, at);
      if (header === null)
        throw new AppError('TOOL_FAILED', 'Expected MP3 frames from ffmpeg, found something else.');
      if (at + header.frameBytes > all.length) break;
      this.#audioCrc = mp3Crc16(this.#audioCrc, all.subarray(at, at + header.frameBytes));
      this.#points.push(this.#position);
      this.#position += header.frameBytes;
      this.#frames++;
      this.#frameSamples = header.frameSamples;
      at += header.frameBytes;
    }
    this.#rest = Buffer.from(all.subarray(at));
  }
}
