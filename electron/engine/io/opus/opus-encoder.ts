import { AppError } from '../../../contract/app-error.js';
import type { PlanarSamples } from '../../dsp/planar.js';
import { encodeOggPage, oggFlags, OggPacketReader, segmentsOf } from '../ogg/ogg-page.js';
import { EncoderChild } from '../output-child.js';
import type { EncoderOptions, OutputEncoder, OutputSink } from '../output-encoder.js';
import { opusRateHz, resamplerTailFrames, storedSampleFrames } from '../output-format.js';
import { SamplePacker } from '../output-samples.js';
import { opusBitRate } from '../output-size.js';
import {
  emptyOpusTags,
  encodeOpusHead,
  opusMapping,
  opusSerial,
  parseOpusHead,
  streamsOf,
  type OpusHead,
} from './opus-head.js';
import { parseOpusPackets } from './opus-packet.js';

/** Sound in one page; RFC 7845 section 4 asks for at most a second. */
const pageSampleFrames = opusRateHz;

interface AudioPacket {
  readonly bytes: Buffer;
  /** at 48 kHz */
  readonly sampleFrames: number;
}

interface AudioPage {
  /** sample frames of all packets before this page, at 48 kHz */
  readonly startFrame: number;
  readonly packets: AudioPacket[];
}

function emptyPage(startFrame: number): AudioPage {
  return { startFrame, packets: [] };
}

function lengthOf(packets: readonly AudioPacket[]): number {
  return packets.reduce((sum, { sampleFrames }) => sum + sampleFrames, 0);
}

function endOf(page: AudioPage): number {
  return page.startFrame + lengthOf(page.packets);
}

/**
 * Writes Opus. From ffmpeg's libopus come the packets and the length of the lead-in; pages, head and (empty) tags are wholly
 * Sotto's, and the last granule position makes a decoder return exactly the length of the sound.
 */
export class OpusEncoder implements OutputEncoder {
  readonly #sink: OutputSink;
  readonly #options: EncoderOptions;
  readonly #packer: SamplePacker;
  readonly #reader = new OggPacketReader();
  #child: EncoderChild | null = null;
  #head: OpusHead | null = null;
  #packetsSeen = 0;
  #sequence = 0;
  /** The page before the one that is being filled: it becomes the last when the sound ends in it. */
  #full: AudioPage | null = null;
  #filling: AudioPage = emptyPage(0);

  constructor(sink: OutputSink, options: EncoderOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#packer = new SamplePacker('f32clipped', options.stream.channels, false);
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
    const tail = resamplerTailFrames('opus', sampleRateHz);
    await this.#child?.write(new Uint8Array(tail * this.#packer.frameBytes));
    await this.#child?.finish();
    const end = (this.#head?.preSkip ?? 0) + storedSampleFrames('opus', sampleRateHz, sampleFrames);
    // Packets that begin after the end hold nothing but the silence that flushed encoder and resampler.
    const pages = [this.#full, this.#filling].filter((page) => page !== null && page.startFrame < end);
    const last = pages.pop();
    if (!last || end > endOf(last)) {
      const found = endOf(this.#filling);
      throw new AppError(
        'TOOL_FAILED',
        `Expected Opus packets up to sample frame ${end} from ffmpeg, found them up to ${found}.`,
      );
    }
    for (const page of pages) if (page) await this.#writeAudioPage(page, 0, endOf(page));
    let packets = last.packets.length;
    while (packets > 1 && end <= endOf(last) - lengthOf(last.packets.slice(packets - 1))) packets--;
    const kept = { ...last, packets: last.packets.slice(0, packets) };
    await this.#writeAudioPage(kept, oggFlags.last, end);
  }

  async close(): Promise<void> {
    await this.#child?.close();
  }

  async #start(): Promise<EncoderChild> {
    const { stream, signal } = this.#options;
    return EncoderChild.start(
      stream,
      'f32le',
      [
        '-ar',
        String(opusRateHz),
        '-c:a',
        'libopus',
        '-b:a',
        String(opusBitRate(stream.channels)),
        '-f',
        'ogg',
      ],
      async (bytes) => {
        for (const packet of this.#reader.push(bytes)) await this.#take(packet);
      },
      signal,
    );
  }

  async #take(packet: Buffer): Promise<void> {
    const index = this.#packetsSeen++;
    if (index === 0) await this.#takeHead(packet);
    if (index <= 1 || this.#head === null) return; // the second is ffmpeg's comment packet
    const sampleFrames = parseOpusPackets(packet, streamsOf(this.#head))?.sampleFrames;
    if (sampleFrames === undefined) {
      throw new AppError('TOOL_FAILED', 'Expected Opus packets from ffmpeg, found something else.');
    }
    const { packets } = this.#filling;
    const segments = packets.reduce(
      (sum, { bytes }) => sum + segmentsOf(bytes.length),
      segmentsOf(packet.length),
    );
    if (segments > 255 || lengthOf(packets) + sampleFrames > pageSampleFrames) {
      if (this.#full !== null) await this.#writeAudioPage(this.#full, 0, endOf(this.#full));
      this.#full = this.#filling;
      this.#filling = emptyPage(endOf(this.#full));
    }
    this.#filling.packets.push({ bytes: packet, sampleFrames });
  }

  async #takeHead(packet: Buffer): Promise<void> {
    const found = parseOpusHead(packet);
    const { channels } = this.#options.stream;
    const mapping = opusMapping(channels);
    if (
      found?.channels !== channels ||
      !(found.mapping ?? Buffer.alloc(0)).equals(mapping ?? Buffer.alloc(0))
    ) {
      throw new AppError(
        'TOOL_FAILED',
        `Expected Opus of ${channels} channels from ffmpeg, found another stream.`,
      );
    }
    this.#head = { channels, preSkip: found.preSkip, mapping };
    await this.#writePage([encodeOpusHead(this.#head)], oggFlags.first, 0);
    await this.#writePage([emptyOpusTags], 0, 0);
  }

  async #writeAudioPage(page: AudioPage, flags: number, granule: number): Promise<void> {
    await this.#writePage(
      page.packets.map(({ bytes }) => bytes),
      flags,
      granule,
    );
  }

  async #writePage(pieces: Buffer[], flags: number, granule: number): Promise<void> {
    const page = { flags, granule, serial: opusSerial, sequence: this.#sequence++, pieces };
    await this.#sink.append(encodeOggPage(page));
  }
}
