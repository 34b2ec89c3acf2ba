/** The one metadata block of every FLAC file. */
export interface FlacStreamInfo {
  readonly blockFrames: number;
  /** bytes of the smallest and the largest frame */
  readonly minFrameBytes: number;
  readonly maxFrameBytes: number;
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  readonly sampleFrames: number;
  /** of the samples, interleaved, little-endian; 16 bytes */
  readonly md5: Buffer;
}

/** Bytes before the first frame: `fLaC`, a block head, STREAMINFO. */
export const flacHeadBytes = 42;

/** Largest count of sample frames that STREAMINFO can state; 0 there means that it is not known. */
export const maxFlacSampleFrames = 2 ** 36 - 1;

/**
 * @returns marker and STREAMINFO, flagged as the last metadata block
 * @see RFC 9639 sections 8.1 and 8.2
 */
export function flacHead(info: FlacStreamInfo): Buffer {
  const head = Buffer.alloc(flacHeadBytes);
  head.write('fLaC', 0, 'latin1');
  head.writeUInt32BE(0x80000000 + 34, 4);
  head.writeUInt16BE(info.blockFrames, 8);
  head.writeUInt16BE(info.blockFrames, 10);
  head.writeUIntBE(info.minFrameBytes, 12, 3);
  head.writeUIntBE(info.maxFrameBytes, 15, 3);
  const packed =
    (BigInt(info.sampleRateHz) << 44n) |
    (BigInt(info.channels - 1) << 41n) |
    (BigInt(info.bitsPerSample - 1) << 36n) |
    BigInt(info.sampleFrames <= maxFlacSampleFrames ? info.sampleFrames : 0);
  head.writeBigUInt64BE(packed, 18);
  info.md5.copy(head, 26, 0, 16);
  return head;
}

/** @param head  {@link flacHeadBytes} bytes whose marker and block head were checked @returns what STREAMINFO says */
export function parseFlacHead(head: Buffer): FlacStreamInfo {
  const packed = head.readBigUInt64BE(18);
  return {
    blockFrames: head.readUInt16BE(10),
    minFrameBytes: head.readUIntBE(12, 3),
    maxFrameBytes: head.readUIntBE(15, 3),
    sampleRateHz: Number(packed >> 44n),
    channels: Number((packed >> 41n) & 7n) + 1,
    bitsPerSample: Number((packed >> 36n) & 31n) + 1,
    sampleFrames: Number(packed & 0xfffffffffn),
    md5: Buffer.from(head.subarray(26, 42)),
  };
}
