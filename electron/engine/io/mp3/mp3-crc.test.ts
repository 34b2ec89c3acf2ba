import { describe, expect, it } from 'vitest';
import { mp3Crc16 } from './mp3-crc.js';

describe('mp3Crc16', () => {
  it('gives the published check value of CRC-16/ARC, in one piece or two', () => {
    const digits = Buffer.from('123456789');
    expect(mp3Crc16(0, digits)).toBe(0xbb3d);
    expect(mp3Crc16(mp3Crc16(0, digits.subarray(0, 4)), digits.subarray(4))).toBe(0xbb3d);
  });
});
