/**
 * The two checksums of a FLAC frame, both most significant bit first, from 0 (RFC 9639 sections 9.1.8 and 9.3):
 * CRC-8 x^8 + x^2 + x + 1 over the header, CRC-16 x^16 + x^15 + x^2 + 1 over the whole frame.
 */
const table8 = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x80 ? 0x07 : 0);
  return crc & 0xff;
});

/** table16[k * 256 + byte]: effect of a byte that k further bytes follow, for eight bytes a step. */
const table16 = new Uint16Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x8005 : 0);
  table16[byte] = crc;
}
for (let k = 1; k < 8; k++) {
  for (let byte = 0; byte < 256; byte++) {
    const before = table16[(k - 1) * 256 + byte]!;
    table16[k * 256 + byte] = ((before << 8) ^ table16[before >>> 8]!) & 0xffff;
  }
}

/** @returns CRC-8 of `bytes` from `start` up to but not including `end` */
export function flacCrc8(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = table8[crc ^ bytes[i]!]!;
  return crc;
}

/**
 * @param crc  of the bytes before; 0 at the beginning
 * @returns CRC-16 continued over `bytes` from `start` up to but not including `end`; 0 over a whole frame with its checksum
 */
export function flacCrc16(crc: number, bytes: Uint8Array, start: number, end: number): number {
  let value = crc;
  let i = start;
  for (; i + 8 <= end; i += 8) {
    value =
      table16[1792 + (bytes[i]! ^ (value >>> 8))]! ^
      table16[1536 + (bytes[i + 1]! ^ (value & 0xff))]! ^
      table16[1280 + bytes[i + 2]!]! ^
      table16[1024 + bytes[i + 3]!]! ^
      table16[768 + bytes[i + 4]!]! ^
      table16[512 + bytes[i + 5]!]! ^
      table16[256 + bytes[i + 6]!]! ^
      table16[bytes[i + 7]!]!;
  }
  for (; i < end; i++) value = ((value << 8) ^ table16[(value >>> 8) ^ bytes[i]!]!) & 0xffff;
  return value;
}
