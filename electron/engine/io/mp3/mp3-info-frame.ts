import { mp3Crc16 } from './mp3-crc.js';
import { mp3FrameHeader, parseMp3FrameHeader, type Mp3FrameHeader } from './mp3-frame.js';

/**
 * Sample frames of silence that LAME puts before the sound. A decoder adds 529 of its own, and knows that.
 * @see http://gabriel.mp3-tech.org/mp3infotag.html
 */
export const lameDelaySamples = 576;

/** Largest padding that the tag can state. */
export const maxPaddingSamples = 4095;

/** Name of the encoder: players trust delay and padding only after a name they know. It names no machine and no time. */
const encoderName = 'LAME3.100';

/** Variable bit rate by the method of LAME 3.100 ("mtrh"). */
const vbrMethod = 4;

/** From the word "Xing" to its checksum. */
const tagBytes = 4 + 4 + 4 + 4 + 100 + 4 + 36;

/** What the first frame of an MP3 file tells about the others. */
export interface Mp3Info {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  /** frames that follow */
  readonly frames: number;
  /** of all frames that follow */
  readonly audioBytes: number;
  /** CRC-16 of all frames that follow */
  readonly audioCrc: number;
  /** position after each hundredth of the time, 0..255 of the file's length; 100 bytes */
  readonly seekTable: Uint8Array;
  /** sample frames at the end that are not sound */
  readonly paddingSamples: number;
}

/** @returns length of the Info frame, and where its tag stands */
export function infoFramePlace(
  sampleRateHz: number,
  channels: 1 | 2,
): { header: Mp3FrameHeader; frameBytes: number; tagAt: number } {
  const smallest = parseMp3FrameHeader(mp3FrameHeader(sampleRateHz, channels, 1), 0)!;
  const tagAt = smallest.mainDataOffset;
  const header = parseMp3FrameHeader(mp3FrameHeader(sampleRateHz, channels, tagAt + tagBytes), 0)!;
  return { header, frameBytes: header.frameBytes, tagAt };
}

/**
 * The first frame of the file: silent for a decoder that does not know it, the exact length for all others.
 * Only what gapless playing and seeking need is filled in; the rest is 0.
 */
export function mp3InfoFrame(info: Mp3Info): Buffer {
  const { frameBytes, tagAt } = infoFramePlace(info.sampleRateHz, info.channels);
  const frame = Buffer.alloc(frameBytes);
  mp3FrameHeader(info.sampleRateHz, info.channels, tagAt + tagBytes).copy(frame);
  let at = tagAt;
  frame.write('Xing', at, 'latin1');
  frame.writeUInt32BE(0x7, at + 4); // frames, bytes and seek table are there
  frame.writeUInt32BE(info.frames, at + 8);
  frame.writeUInt32BE(Math.min(frameBytes + info.audioBytes, 0xffffffff), at + 12);
  frame.set(info.seekTable, at + 16);
  at += 116;
  frame.write(encoderName, at, 'latin1');
  frame[at + 9] = vbrMethod;
  frame.writeUIntBE(lameDelaySamples * 4096 + info.paddingSamples, at + 21, 3);
  frame.writeUInt32BE(Math.min(frameBytes + info.audioBytes, 0xffffffff), at + 28);
  frame.writeUInt16BE(info.audioCrc, at + 32);
  frame.writeUInt16BE(mp3Crc16(0, frame.subarray(0, at + 34)), at + 34);
  return frame;
}

/** @returns the padding that an Info frame states; its other fields are proven by making the frame anew */
export function paddingOf(infoFrame: Buffer, tagAt: number): number {
  return infoFrame.readUIntBE(tagAt + 116 + 21, 3) % 4096;
}

/** Finds the hundred seek points of a stream of unknown length in bounded memory. */
export class Mp3SeekPoints {
  #positions: number[] = [];
  #stride = 1;
  #frames = 0;

  /** @param position  of the next frame, in bytes from the beginning of the file */
  push(position: number): void {
    if (this.#frames % this.#stride === 0) this.#positions.push(position);
    this.#frames++;
    if (this.#positions.length < 4096) return;
    this.#positions = this.#positions.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  /** @param fileBytes  length of the whole file @returns 100 bytes */
  table(fileBytes: number): Uint8Array {
    return Uint8Array.from({ length: 100 }, (_, percent) => {
      const frame = Math.floor((percent * this.#frames) / 100);
      const position = this.#positions[Math.floor(frame / this.#stride)] ?? 0;
      return Math.min(255, Math.floor((256 * position) / fileBytes));
    });
  }
}
