import type { Finding } from '../../../contract/audio-format.js';
import type { FileBytes } from './file-bytes.js';
import { listChunks, readRiff } from './iff-chunks.js';

/** What a WAV header says about the amount of sound, compared with the file. */
export interface WavExtent {
  /** sample frames the header promises; null when its size is not a promise */
  readonly declaredSampleFrames: number | null;
  /** sample frames the file has room for */
  readonly availableSampleFrames: number;
  readonly findings: readonly Finding[];
}

/** Placeholders of programs that stream WAV without going back to the header. */
const streamingSizeBytes = 0x7fff0000;

/**
 * Compares the size in the `data` chunk with the file.
 * A copy that broke off keeps a header that agrees with itself: that is a truncated file, not a wrong header.
 * @param bytes  a file that begins with RIFF, RIFX, RF64 or BW64 and holds linear PCM
 * @returns null when there is no usable `fmt ` or no `data` chunk
 */
export async function readWavExtent(bytes: FileBytes): Promise<WavExtent | null> {
  const riff = await readRiff(bytes);
  const format = riff.chunks.find((chunk) => chunk.id === 'fmt ');
  const data = riff.chunks.find((chunk) => chunk.id === 'data');
  if (format === undefined || data === undefined) return null;
  const fields = await bytes.read(format.dataOffset, 16);
  if (fields.length < 16) return null;
  const frameBytes = riff.littleEndian ? fields.readUInt16LE(12) : fields.readUInt16BE(12);
  if (frameBytes === 0) return null;

  const roomBytes = bytes.sizeBytes - data.dataOffset;
  const frames = (count: number): number => Math.floor(count / frameBytes);
  const unknown = (found: string): WavExtent => ({
    declaredSampleFrames: null,
    availableSampleFrames: frames(roomBytes),
    findings: [
      {
        code: 'WRONG_HEADER_SIZE',
        message:
          `Expected the header to give the amount of sound, found ${found}. ` +
          `All ${frames(roomBytes)} sample frames up to the end of the file were read.`,
      },
    ],
  });

  if (data.sizeBytes === 0xffffffff) return unknown('a placeholder (0xFFFFFFFF)');
  if (data.sizeBytes === 0 && roomBytes >= frameBytes) {
    const behind = await listChunks(bytes, {
      littleEndian: riff.littleEndian,
      startOffset: data.dataOffset,
      endOffset: bytes.sizeBytes,
    });
    // Chunks that end exactly with the file are chunks; otherwise it is sound.
    if (!behind.complete) return unknown('a size of 0');
  }
  if (data.sizeBytes > roomBytes) {
    if (data.sizeBytes >= streamingSizeBytes && data.sizeBytes <= 0xffffffff) {
      return unknown(`a placeholder (${data.sizeBytes} bytes)`);
    }
    if (riff.declaredFileBytes !== null && riff.declaredFileBytes <= bytes.sizeBytes) {
      return unknown(`${data.sizeBytes} bytes, more than the file holds`);
    }
  }
  return {
    declaredSampleFrames: frames(data.sizeBytes),
    availableSampleFrames: frames(Math.min(data.sizeBytes, roomBytes)),
    findings: await trailingBytes(bytes, riff.complete ? bytes.sizeBytes : riff.endOffset),
  };
}

async function trailingBytes(bytes: FileBytes, endOffset: number): Promise<Finding[]> {
  const left = bytes.sizeBytes - endOffset;
  if (left <= 0) return [];
  return [
    {
      code: 'TRAILING_DATA',
      message:
        `Expected the file to end with its last part, found ${left} more bytes. ` +
        'They were not read as sound; if the end is missing, the recorder did not finish the header.',
    },
  ];
}
