import { describe, expect, it } from 'vitest';
import { wavFormatBody, wavHeader } from './wav-header.js';

describe('wavHeader', () => {
  it('is the plain 44 bytes for 16-bit stereo', () => {
    const header = wavHeader('wav16', { sampleRateHz: 44100, channels: 2 }, 400, false);
    const expected =
      '52494646b4010000' +
      '57415645' +
      '666d742010000000' +
      '0100020044ac000010b1020004001000' +
      '6461746190010000';
    expect(header.toString('hex')).toBe(expected);
  });

  it('counts the pad byte in RIFF but not in data', () => {
    const header = wavHeader('wav8', { sampleRateHz: 8000, channels: 1 }, 3, false);
    expect(header.readUInt32LE(4)).toBe(44 - 8 + 3 + 1);
    expect(header.readUInt32LE(40)).toBe(3);
  });

  it('says float as the standard asks, with the size of nothing more', () => {
    const body = wavFormatBody('wav32f', { sampleRateHz: 48000, channels: 2 });
    expect(body.length).toBe(18);
    expect([body.readUInt16LE(0), body.readUInt16LE(14), body.readUInt16LE(16)]).toEqual([3, 32, 0]);
  });

  it('says the loudspeakers of more than two channels', () => {
    const body = wavFormatBody('wav24', { sampleRateHz: 48000, channels: 6 });
    expect(body.length).toBe(40);
    expect(body.readUInt16LE(0)).toBe(0xfffe);
    expect(body.readUInt32LE(20)).toBe(0x3f);
    expect(body.toString('hex', 24)).toBe('0100000000001000800000aa00389b71');
    expect(wavFormatBody('wav64f', { sampleRateHz: 48000, channels: 16 }).readUInt32LE(20)).toBe(0);
  });

  it('puts 64-bit sizes into ds64 and all ones where they do not fit', () => {
    const dataBytes = 6_000_000_000;
    const header = wavHeader('wav16', { sampleRateHz: 48000, channels: 2 }, dataBytes, true);
    expect(header.toString('latin1', 0, 4)).toBe('RF64');
    expect(header.readUInt32LE(4)).toBe(0xffffffff);
    expect(header.toString('latin1', 12, 16)).toBe('ds64');
    expect(Number(header.readBigUInt64LE(20))).toBe(header.length - 8 + dataBytes);
    expect(Number(header.readBigUInt64LE(28))).toBe(dataBytes);
    expect(Number(header.readBigUInt64LE(36))).toBe(dataBytes / 4);
    expect(header.readUInt32LE(header.length - 4)).toBe(0xffffffff);
  });
});
