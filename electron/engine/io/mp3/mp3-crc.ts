/** CRC-16 x^16 + x^15 + x^2 + 1, least significant bit first: the checksum of the LAME tag. */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** @param crc  of the bytes before; 0 at the beginning @returns the checksum continued over `bytes` */
export function mp3Crc16(crc: number, bytes: Uint8Array): number {
  let value = crc;
  for (let i = 0; i < bytes.length; i++) value = (value >>> 8) ^ table[(value ^ bytes[i]!) & 0xff]!;
  return value;
}
