/** CRC-32 of an Ogg page: x^32 + x^26 + x^23 + ... (0x04C11DB7), most significant bit first, from 0, not inverted. */
const table = new Int32Array(4 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  table[byte] = crc;
}
for (let k = 1; k < 4; k++) {
  for (let byte = 0; byte < 256; byte++) {
    const before = table[(k - 1) * 256 + byte]!;
    table[k * 256 + byte] = (before << 8) ^ table[before >>> 24]!;
  }
}

/**
 * @param page  whole page whose checksum field is 0
 * @returns its checksum, unsigned
 * @see RFC 3533 section 6
 */
export function oggCrc32(page: Uint8Array): number {
  let crc = 0;
  let i = 0;
  for (; i + 4 <= page.length; i += 4) {
    crc ^= (page[i]! << 24) | (page[i + 1]! << 16) | (page[i + 2]! << 8) | page[i + 3]!;
    crc =
      table[768 + (crc >>> 24)]! ^
      table[512 + ((crc >>> 16) & 0xff)]! ^
      table[256 + ((crc >>> 8) & 0xff)]! ^
      table[crc & 0xff]!;
  }
  for (; i < page.length; i++) crc = (crc << 8) ^ table[(crc >>> 24) ^ page[i]!]!;
  return crc >>> 0;
}
