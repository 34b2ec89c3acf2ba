import { createHash } from 'node:crypto';
import { AppError } from '../../contract/app-error.js';
import { voiceFrameCount } from '../dsp/centred-frames.js';
import { packBits, unpackBits } from './bit-packing.js';

/*
 * A file of voice codes (.codes), version 1: what was said as codes of one or two codebooks, and nothing of who said it beyond what
 * codes hold. No time, no name, no software, no room for anything else. Integers are little-endian, without sign.
 *
 *   bytes    what
 *   10       magic, ASCII "SOTTOCODES"
 *   1        version: 1
 *   1        n, codebooks: 1 (strict) or 2 (balanced)
 *   4        sample rate of the recording in Hz, 8000 to 192000
 *   8        sample frames of the recording, at least 1
 *   32 n     SHA-256 of each codebook: of its centres as float32, 64 each, as the model ships them
 *   ...      codes: for each frame of 20 ms the code of the first codebook, then of the second, 9 bits each, the most significant bit
 *            first, without gaps; bits after the last code are 0. There are max(2, ceil(50 * sample frames / sample rate)) frames.
 *   32       SHA-256 of everything before
 *
 * 450 bit/s with one codebook, 900 with two; header and checksum are 88 and 120 bytes.
 */

const magic = Buffer.from('SOTTOCODES', 'latin1');
const version = 1;
const codeBits = 9;
const hashBytes = 32;
const fixedBytes = magic.length + 1 + 1 + 4 + 8;
const maxCodebooks = 2;
/** Sample rates that a file of codes can hold. */
export const rateLimitsHz = { min: 8000, max: 192_000 } as const;
/** Above it their frames cannot be counted exactly. */
const maxSampleFrames = Math.floor(Number.MAX_SAFE_INTEGER / 100);

/** The codes of one codebook. */
export interface CodeTrack {
  /** SHA-256 of the codebook's centres, 64 hexadecimal digits in lower case */
  readonly codebookSha256: string;
  /** one for each frame, 0 to 511 */
  readonly codes: Uint16Array;
}

/** What a .codes file holds. */
export interface CodesFile {
  /** of the recording, 8000 to 192000 */
  readonly sampleRateHz: number;
  /** exact length of the recording, at least 1 */
  readonly sampleFrames: number;
  /** of the first codebook, and of the residual one where there is one; half of `voiceFrameCount` codes each */
  readonly tracks: readonly CodeTrack[];
}

/**
 * @returns the bytes of a .codes file; the same codes give the same bytes
 * @throws RangeError where `content` is not as {@link CodesFile} says
 */
export function writeCodes(content: CodesFile): Uint8Array {
  const { sampleRateHz, sampleFrames, tracks } = content;
  const frames = framesOf(content);
  if (frames === null || tracks.length < 1 || tracks.length > maxCodebooks) {
    const found = `${sampleFrames} at ${sampleRateHz} Hz in ${tracks.length}`;
    throw new RangeError(`Expected sample frames at a rate in 1 or 2 codebooks, found ${found}.`);
  }
  const hashes = tracks.map(({ codes, codebookSha256 }) => {
    if (codes.length !== frames) throw new RangeError(`Expected ${frames} codes, found ${codes.length}.`);
    if (/^[0-9a-f]{64}$/.test(codebookSha256)) return Buffer.from(codebookSha256, 'hex');
    throw new RangeError(`Expected the SHA-256 of a codebook, found "${codebookSha256}".`);
  });
  const head = Buffer.alloc(fixedBytes);
  magic.copy(head);
  head.writeUInt8(version, 10);
  head.writeUInt8(tracks.length, 11);
  head.writeUInt32LE(sampleRateHz, 12);
  head.writeBigUInt64LE(BigInt(sampleFrames), 16);
  const woven = new Uint16Array(frames * tracks.length);
  tracks.forEach(({ codes }, track) => {
    for (let frame = 0; frame < frames; frame++) woven[frame * tracks.length + track] = codes[frame]!;
  });
  const body = Buffer.concat([head, ...hashes, packBits(woven, codeBits)]);
  return Buffer.concat([body, sha256(body)]);
}

/**
 * Reads a .codes file whole. Nothing in it is taken on trust: one changed, missing or added byte is refused.
 * @param bytes  not modified
 * @throws AppError INPUT_UNSUPPORTED for another kind of file or a later version, INPUT_DAMAGED
 */
export function readCodes(bytes: Uint8Array): CodesFile {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begun = file.subarray(0, magic.length);
  if (!begun.equals(magic.subarray(0, begun.length))) {
    throw new AppError(
      'INPUT_UNSUPPORTED',
      'Expected a file of voice codes, found another kind of file. Name one that "encode" wrote.',
    );
  }
  const found = file[magic.length];
  if (found !== undefined && found > version) {
    throw new AppError(
      'INPUT_UNSUPPORTED',
      `Expected voice codes of version ${version}, found version ${found}. Install a later Sotto to decode them.`,
    );
  }
  return contentOf(file, found);
}

function contentOf(file: Buffer, found: number | undefined): CodesFile {
  if (found === undefined || file.length < fixedBytes) {
    throw damaged(`at least ${fixedBytes} bytes`, `${file.length}; the file is cut off`);
  }
  const count = file.readUInt8(11);
  const sampleRateHz = file.readUInt32LE(12);
  const sampleFrames = Number(file.readBigUInt64LE(16));
  const frames = framesOf({ sampleRateHz, sampleFrames });
  if (found !== version || count < 1 || count > maxCodebooks || frames === null) {
    throw damaged('a header that makes sense', 'another one');
  }
  const codesAt = fixedBytes + count * hashBytes;
  const bodyBytes = codesAt + Math.ceil((frames * count * codeBits) / 8);
  if (file.length !== bodyBytes + hashBytes) {
    const cut = file.length < bodyBytes + hashBytes;
    const what = cut ? 'the file is cut off' : 'something was added';
    throw damaged(`${bodyBytes + hashBytes} bytes`, `${file.length}; ${what}`);
  }
  const body = file.subarray(0, bodyBytes);
  if (!sha256(body).equals(file.subarray(bodyBytes))) throw damaged('its checksum', 'other bytes');
  const woven = unpackBits(body.subarray(codesAt), frames * count, codeBits);
  if (woven === null) throw damaged('zeros after the last code', 'other bits');
  const tracks = Array.from({ length: count }, (_, track) => ({
    codebookSha256: body.toString(
      'hex',
      fixedBytes + track * hashBytes,
      fixedBytes + (track + 1) * hashBytes,
    ),
    codes: Uint16Array.from({ length: frames }, (_, frame) => woven[frame * count + track]!),
  }));
  return { sampleRateHz, sampleFrames, tracks };
}

/** @returns the frames of codes that belong to a length; null where it is none */
function framesOf({
  sampleRateHz,
  sampleFrames,
}: Pick<CodesFile, 'sampleRateHz' | 'sampleFrames'>): number | null {
  const { min, max } = rateLimitsHz;
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < min || sampleRateHz > max) return null;
  if (!Number.isInteger(sampleFrames) || sampleFrames < 1 || sampleFrames > maxSampleFrames) return null;
  return voiceFrameCount(sampleFrames, sampleRateHz) / 2;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function damaged(expected: string, found: string): AppError {
  const message = `Expected voice codes with ${expected}, found ${found}. Encode the recording again, or copy the file again.`;
  return new AppError('INPUT_DAMAGED', message);
}
