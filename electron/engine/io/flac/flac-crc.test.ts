import { describe, expect, it } from 'vitest';
import { flacCrc16, flacCrc8 } from './flac-crc.js';

const digits = Buffer.from('123456789');

describe('the checksums of FLAC', () => {
  it('give the published check values of CRC-8 and CRC-16/UMTS', () => {
    expect(flacCrc8(digits, 0, 9)).toBe(0xf4);
    expect(flacCrc16(0, digits, 0, 9)).toBe(0xfee8);
  });

  it('give the same value in one piece and in any two', () => {
    const bytes = Buffer.from(Array.from({ length: 50 }, (_, i) => (i * 89) & 0xff));
    const whole = flacCrc16(0, bytes, 0, 50);
    for (let cut = 0; cut <= 50; cut++) {
      expect(flacCrc16(flacCrc16(0, bytes, 0, cut), bytes, cut, 50)).toBe(whole);
    }
  });

  it('are zero over data with its own checksum', () => {
    expect(flacCrc16(0, Buffer.concat([digits, Buffer.from([0xfe, 0xe8])]), 0, 11)).toBe(0);
  });
});
