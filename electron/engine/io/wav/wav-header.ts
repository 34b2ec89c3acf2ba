import type { WriterFormat } from '../audio-writer.js';
import { layoutOf } from '../output-channels.js';

/** The WAV members of the concrete formats. */
export type WavFormat = 'wav8' | 'wav16' | 'wav24' | 'wav32' | 'wav32f' | 'wav64f';

/** @returns bytes of one stored sample */
export function bytesPerSample(format: WavFormat): number {
  return Number(/\d+/.exec(format)?.[0]) / 8;
}

/** @returns whether samples are stored as IEEE 754 floating point */
export function isFloat(format: WavFormat): boolean {
  return format.endsWith('f');
}

const tagPcm = 1;
const tagFloat = 3;
const tagExtensible = 0xfffe;

/** Bytes 2..15 of KSDATAFORMAT_SUBTYPE_PCM and _IEEE_FLOAT, whose first two bytes are the format tag. */
const subFormatTail = Buffer.from('000000001000800000aa00389b71', 'hex');

/** Largest value of a 32-bit RIFF size field; 0xFFFFFFFF itself means "see ds64" in RF64. */
export const riffSizeLimit = 0xfffffffe;

/** Bytes that RF64 needs more than RIFF: one `ds64` chunk. */
export const ds64Bytes = 36;

/**
 * The body of `fmt `. Plain PCM (16 bytes) for one and two channels: it is what every tool reads, also at 24 and 32 bit.
 * Float has the two bytes of `cbSize` that the standard asks for; more channels say their loudspeakers (EXTENSIBLE).
 * @see Microsoft "Multiple Channel Audio Data and WAVE Files", 2001
 * @returns 16, 18 or 40 bytes
 */
export function wavFormatBody(format: WavFormat, stream: WriterFormat): Buffer {
  const width = bytesPerSample(format);
  const tag = isFloat(format) ? tagFloat : tagPcm;
  const extensible = stream.channels > 2;
  const body = Buffer.alloc(extensible ? 40 : tag === tagFloat ? 18 : 16);
  body.writeUInt16LE(extensible ? tagExtensible : tag, 0);
  body.writeUInt16LE(stream.channels, 2);
  body.writeUInt32LE(stream.sampleRateHz, 4);
  body.writeUInt32LE(stream.sampleRateHz * stream.channels * width, 8);
  body.writeUInt16LE(stream.channels * width, 12);
  body.writeUInt16LE(width * 8, 14);
  if (extensible) {
    body.writeUInt16LE(22, 16);
    body.writeUInt16LE(width * 8, 18);
    body.writeUInt32LE(layoutOf(stream.channels)?.mask ?? 0, 20);
    body.writeUInt16LE(tag, 24);
    subFormatTail.copy(body, 26);
  }
  return body;
}

/** @returns bytes before the first sample */
export function wavHeaderBytes(format: WavFormat, stream: WriterFormat, large: boolean): number {
  return 12 + (large ? ds64Bytes : 0) + 8 + wavFormatBody(format, stream).length + 8;
}

/** @returns bytes of the whole file that holds `dataBytes` of samples, with the pad byte of an odd chunk */
export function wavFileBytes(
  format: WavFormat,
  stream: WriterFormat,
  dataBytes: number,
  large: boolean,
): number {
  return wavHeaderBytes(format, stream, large) + dataBytes + (dataBytes % 2);
}

/**
 * Everything before the samples: `RIFF`/`RF64`, `ds64` when large, `fmt `, and the head of `data`.
 * @param large  RF64: 64-bit sizes in `ds64`, 0xFFFFFFFF in the 32-bit fields
 * @see EBU Tech 3306 v1.1 (RF64)
 */
export function wavHeader(
  format: WavFormat,
  stream: WriterFormat,
  dataBytes: number,
  large: boolean,
): Buffer {
  const body = wavFormatBody(format, stream);
  const riffBytes = wavFileBytes(format, stream, dataBytes, large) - 8;
  const head = Buffer.alloc(12);
  head.write(large ? 'RF64' : 'RIFF', 0, 'latin1');
  head.writeUInt32LE(large ? 0xffffffff : riffBytes, 4);
  head.write('WAVE', 8, 'latin1');
  const parts: Buffer[] = [head];
  if (large) {
    const ds64 = Buffer.alloc(28);
    ds64.writeBigUInt64LE(BigInt(riffBytes), 0);
    ds64.writeBigUInt64LE(BigInt(dataBytes), 8);
    ds64.writeBigUInt64LE(BigInt(dataBytes / (stream.channels * bytesPerSample(format))), 16);
    parts.push(chunkHead('ds64', ds64.length), ds64);
  }
  parts.push(chunkHead('fmt ', body.length), body, chunkHead('data', large ? 0xffffffff : dataBytes));
  return Buffer.concat(parts);
}

function chunkHead(id: string, bytes: number): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 0, 'latin1');
  head.writeUInt32LE(bytes, 4);
  return head;
}
