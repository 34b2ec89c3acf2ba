import { flacCrc8 } from './flac-crc.js';

/** What the header of one FLAC frame says. */
export interface FlacFrameHeader {
  /** with the checksum */
  readonly headerBytes: number;
  /** counts from 0; frames of a stream with fixed block size are numbered, not their samples */
  readonly frameNumber: number;
  /** sample frames */
  readonly blockFrames: number;
  /** null: as in STREAMINFO */
  readonly sampleRateHz: number | null;
  readonly channels: number;
  /** null: as in STREAMINFO */
  readonly bitsPerSample: number | null;
}

/** The longest header: 4 bytes, 6 of the frame number, 2 of block size, 2 of rate, 1 of checksum. */
export const maxFlacHeaderBytes = 15;

/** Sync code of a stream with fixed block size. */
const sync = Buffer.from([0xff, 0xf8]);

const ratesHz = [null, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000] as const;
const bitDepths = [null, 8, 12, undefined, 16, 20, 24, 32] as const;

/**
 * @param bytes  at least {@link maxFlacHeaderBytes} from `at` on, fewer only at the end of the file
 * @returns the header that stands at `at`; null when none does, or its CRC-8 is wrong
 * @see RFC 9639 section 9.1
 */
export function parseFlacFrameHeader(bytes: Buffer, at: number): FlacFrameHeader | null {
  if (at + 6 > bytes.length || bytes[at] !== 0xff || bytes[at + 1] !== 0xf8) return null;
  const sizeCode = bytes[at + 2]! >>> 4;
  const rateCode = bytes[at + 2]! & 0xf;
  const channelCode = bytes[at + 3]! >>> 4;
  const bitsPerSample = bitDepths[(bytes[at + 3]! >>> 1) & 7];
  const reserved = bytes[at + 3]! & 1;
  if (
    sizeCode === 0 ||
    rateCode === 15 ||
    channelCode > 10 ||
    bitsPerSample === undefined ||
    reserved === 1
  ) {
    return null;
  }

  const number = codedNumber(bytes, at + 4);
  if (number === null) return null;
  let next = at + 4 + number.bytes;
  const sizeBytes = sizeCode === 6 ? 1 : sizeCode === 7 ? 2 : 0;
  const rateBytes = rateCode === 12 ? 1 : rateCode > 12 ? 2 : 0;
  if (next + sizeBytes + rateBytes + 1 > bytes.length) return null;
  const blockFrames =
    sizeBytes > 0
      ? bytes.readUIntBE(next, sizeBytes) + 1
      : sizeCode === 1
        ? 192
        : sizeCode < 6
          ? 576 << (sizeCode - 2)
          : 1 << sizeCode;
  next += sizeBytes;
  const stated = rateBytes > 0 ? bytes.readUIntBE(next, rateBytes) : 0;
  const rateUnitHz = rateCode === 12 ? 1000 : rateCode === 14 ? 10 : 1;
  next += rateBytes;
  if (flacCrc8(bytes, at, next) !== bytes[next]) return null;
  return {
    headerBytes: next + 1 - at,
    frameNumber: number.value,
    blockFrames,
    sampleRateHz: rateBytes > 0 ? stated * rateUnitHz : (ratesHz[rateCode] ?? null),
    channels: channelCode < 8 ? channelCode + 1 : 2,
    bitsPerSample,
  };
}

/** The number's own variable length, as UTF-8 extended to 31 bits. */
function codedNumber(bytes: Buffer, at: number): { value: number; bytes: number } | null {
  const first = bytes[at]!;
  if (first < 0x80) return { value: first, bytes: 1 };
  const length = Math.clz32(~(first << 24));
  if (length < 2 || length > 6 || at + length > bytes.length) return null;
  let value = first & (0x7f >>> length);
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i]!;
    if (byte >>> 6 !== 2) return null;
    value = value * 64 + (byte & 0x3f);
  }
  return { value, bytes: length };
}

/**
 * @param from         where to begin
 * @param frameNumber  that the frame must have
 * @returns position of the next frame header with that number; -1 when none is in `bytes`. A header that `bytes` cut off
 *   is not found: search again from `from` when there are more.
 */
export function findFlacFrame(bytes: Buffer, from: number, frameNumber: number): number {
  for (let at = bytes.indexOf(sync, from); at !== -1; at = bytes.indexOf(sync, at + 1)) {
    if (parseFlacFrameHeader(bytes, at)?.frameNumber === frameNumber) return at;
  }
  return -1;
}
