import { createHash } from 'node:crypto';
import { AppError } from '../../contract/app-error.js';

/*
 * A file of a speaker's voice (.spk), version 1: what the reference net of a synthesis read from a recording, and how high it speaks.
 * Whoever has it can let that voice say anything: it is the voice, and no code of it. No time, no name, no software, no words. Integers
 * are little-endian, without sign; floats are little-endian float32, finite.
 *
 *   bytes    what
 *   10       magic, ASCII "SOTTOVOICE"
 *   1        version: 1
 *   1        0
 *   2        n, values of the vector, at least 1
 *   32       SHA-256 of the reference net's file, as in the manifest of the synthesis
 *   4        geometric mean of F0 in Hz, 50 to 600
 *   4 n      the vector
 *   32       SHA-256 of everything before
 */

const magic = Buffer.from('SOTTOVOICE', 'latin1');
const version = 1;
const hashBytes = 32;
const headBytes = magic.length + 1 + 1 + 2;
const vectorAt = headBytes + hashBytes + 4;
const maxValues = 0xffff;
/** What a synthesis can speak at. */
const registerLimitsHz = { min: 50, max: 600 } as const;
/** Of any .spk file. */
export const maxSpeakerBytes = vectorAt + 4 * maxValues + hashBytes;

/** What a .spk file holds. */
export interface SpeakerFile {
  /** of the net that read the voice, 64 hexadecimal digits in lower case; a synthesis speaks it whose manifest names the same */
  readonly referenceSha256: string;
  /** mean F0 of the speaker, 50 to 600 */
  readonly registerHz: number;
  /** as the synthesis takes it, [voice size]; finite */
  readonly vector: Float32Array;
}

/**
 * @returns the bytes of a .spk file; the same voice gives the same bytes
 * @throws RangeError where `content` is not as {@link SpeakerFile} says
 */
export function writeSpeaker({ referenceSha256, registerHz, vector }: SpeakerFile): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(referenceSha256) || !isVoice(registerHz, vector)) {
    const found = `${vector.length} at ${registerHz} Hz of "${referenceSha256}"`;
    throw new RangeError(
      `Expected finite values of a voice, its F0 and the SHA-256 of its net, found ${found}.`,
    );
  }
  const body = Buffer.alloc(vectorAt + 4 * vector.length);
  magic.copy(body);
  body.writeUInt8(version, magic.length);
  body.writeUInt16LE(vector.length, headBytes - 2);
  body.write(referenceSha256, headBytes, 'hex');
  body.writeFloatLE(registerHz, vectorAt - 4);
  vector.forEach((value, d) => body.writeFloatLE(value, vectorAt + 4 * d));
  return Buffer.concat([body, sha256(body)]);
}

/**
 * Reads a .spk file whole. Nothing in it is taken on trust: one changed, missing or added byte is refused.
 * @param bytes  not modified
 * @throws AppError INPUT_UNSUPPORTED for another kind of file or a later version, INPUT_DAMAGED
 */
export function readSpeaker(bytes: Uint8Array): SpeakerFile {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begun = file.subarray(0, magic.length);
  if (!begun.equals(magic.subarray(0, begun.length))) {
    throw new AppError(
      'INPUT_UNSUPPORTED',
      'Expected a file of a speaker\'s voice, found another kind of file. Name one that "encode --speaker" wrote.',
    );
  }
  const found = file[magic.length];
  if (found !== undefined && found > version) {
    throw new AppError(
      'INPUT_UNSUPPORTED',
      `Expected a speaker's voice of version ${version}, found version ${found}. Install a later Sotto to speak with it.`,
    );
  }
  if (found === undefined || file.length < headBytes) {
    throw damaged(`at least ${headBytes} bytes`, `${file.length}; the file is cut off`);
  }
  const values = file.readUInt16LE(headBytes - 2);
  if (found !== version || file[magic.length + 1] !== 0 || values === 0) {
    throw damaged('a header that makes sense', 'another one');
  }
  const bodyBytes = vectorAt + 4 * values;
  if (file.length !== bodyBytes + hashBytes) {
    const what = file.length < bodyBytes + hashBytes ? 'the file is cut off' : 'something was added';
    throw damaged(`${bodyBytes + hashBytes} bytes`, `${file.length}; ${what}`);
  }
  const body = file.subarray(0, bodyBytes);
  if (!sha256(body).equals(file.subarray(bodyBytes))) throw damaged('its checksum', 'other bytes');
  const registerHz = body.readFloatLE(vectorAt - 4);
  const vector = Float32Array.from({ length: values }, (_, d) => body.readFloatLE(vectorAt + 4 * d));
  if (!isVoice(registerHz, vector)) throw damaged('the values of a voice', 'others');
  return { referenceSha256: body.toString('hex', headBytes, headBytes + hashBytes), registerHz, vector };
}

function isVoice(registerHz: number, vector: Float32Array): boolean {
  const { min, max } = registerLimitsHz;
  const sized = vector.length >= 1 && vector.length <= maxValues;
  return sized && registerHz >= min && registerHz <= max && vector.every(Number.isFinite);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function damaged(expected: string, found: string): AppError {
  const message = `Expected a speaker's voice with ${expected}, found ${found}. Encode the recording again, or copy the file again.`;
  return new AppError('INPUT_DAMAGED', message);
}
