import { describe, expect, it } from 'vitest';
import { mp3RatesHz } from '../output-format.js';
import { mp3FrameHeader, parseMp3FrameHeader, parseMp3SideInfo } from './mp3-frame.js';

function parse(hex: string): ReturnType<typeof parseMp3FrameHeader> {
  return parseMp3FrameHeader(Buffer.from(hex, 'hex'), 0);
}

describe('parseMp3FrameHeader', () => {
  it('reads all three versions', () => {
    // 128 kbit/s, 44.1 kHz, joint stereo; then with padding
    expect(parse('fffb9064')).toMatchObject({
      version: '1',
      sampleRateHz: 44100,
      channels: 2,
      frameBytes: 417,
    });
    expect(parse('fffb9264')).toMatchObject({ frameBytes: 418, frameSamples: 1152, mainDataOffset: 36 });
    // 64 kbit/s, 24 kHz, mono
    expect(parse('fff384c4')).toMatchObject({
      version: '2',
      sampleRateHz: 24000,
      channels: 1,
      frameBytes: 192,
    });
    // 8 kbit/s, 8 kHz, mono
    expect(parse('ffe318c4')).toMatchObject({
      version: '2.5',
      sampleRateHz: 8000,
      frameBytes: 72,
      mainDataOffset: 13,
    });
  });

  it('knows a checksum, and bits that could carry a message', () => {
    expect(parse('fffa9064')).toMatchObject({ checksumBytes: 2, mainDataOffset: 38, plain: true });
    for (const hex of ['fffb9164', 'fffb906c', 'fffb9065', 'fffb9066']) expect(parse(hex)?.plain).toBe(false);
  });

  it.each([
    ['no sync', 'fefb9064'],
    ['reserved version', 'ffeb9064'],
    ['layer II', 'fffd9064'],
    ['free bit rate', 'fffb0064'],
    ['bad bit rate', 'fffbf064'],
    ['reserved rate', 'fffb9c64'],
    ['the beginning of an ID3 tag', '49443304'],
    ['three bytes', 'fffb90'],
  ])('refuses %s', (_, hex) => {
    expect(parse(hex)).toBeNull();
  });
});

describe('mp3FrameHeader', () => {
  it('makes the smallest frame that is large enough, at every rate', () => {
    for (const rateHz of mp3RatesHz) {
      for (const channels of [1, 2] as const) {
        const header = parseMp3FrameHeader(mp3FrameHeader(rateHz, channels, 190), 0);
        expect(header).toMatchObject({ sampleRateHz: rateHz, channels, plain: true, checksumBytes: 0 });
        expect(header!.frameBytes).toBeGreaterThanOrEqual(190);
        expect(header!.frameBytes).toBeLessThan(250);
      }
    }
  });
});

describe('parseMp3SideInfo', () => {
  it('adds up the main data of granules and channels', () => {
    const header = parse('fffb9064')!;
    const frame = Buffer.alloc(header.frameBytes);
    // Nine bits of reservoir, three private bits and eight of scale factor selection, then 59 bits for each of four granules.
    const bits = (300).toString(2).padStart(9, '0') + '000' + '0'.repeat(8);
    const granules = [100, 4095, 0, 7].map((length) => length.toString(2).padStart(12, '0') + '1'.repeat(47));
    const text = bits + granules.join('');
    for (let i = 0; i < 32; i++) frame[4 + i] = parseInt(text.slice(i * 8, i * 8 + 8).padEnd(8, '0'), 2);
    expect(parseMp3SideInfo(frame, header)).toEqual({ reservoirBytes: 300, mainDataBits: 4202, plain: true });
    frame[5]! |= 0x10;
    expect(parseMp3SideInfo(frame, header).plain).toBe(false);
  });
});
