import { describe, expect, it } from 'vitest';
import { parseOpusPacket, parseOpusPackets } from './opus-packet.js';

/** CELT, full band, 20 ms, mono, with the code for how many frames there are. */
function toc(code: 0 | 1 | 2 | 3): number {
  return (31 << 3) | code;
}

function packet(...bytes: number[]): Buffer {
  return Buffer.from(bytes);
}

describe('parseOpusPacket', () => {
  it.each([
    ['one frame', packet(toc(0), 1, 2, 3), 960],
    ['two equal frames', packet(toc(1), 1, 2, 3, 4), 1920],
    ['two unequal frames', packet(toc(2), 1, 9, 8, 7), 1920],
    [
      'two unequal frames, the first of 252 bytes',
      packet(toc(2), 252, 0, ...Array<number>(260).fill(1)),
      1920,
    ],
    ['three equal frames', packet(toc(3), 3, 1, 2, 3), 2880],
    ['three unequal frames', packet(toc(3), 0x83, 1, 2, 9, 8, 8, 7), 2880],
    ['six frames, 120 ms', packet(toc(3), 6, 1, 2, 3, 4, 5, 6), 5760],
    ['an empty frame', packet(toc(0)), 960],
    ['2.5 ms of CELT', packet(28 << 3, 1), 120],
    ['60 ms of SILK', packet(3 << 3, 1), 2880],
    ['20 ms of hybrid', packet(13 << 3, 1), 960],
  ])('counts the sample frames of %s', (_, bytes, sampleFrames) => {
    expect(parseOpusPacket(bytes, false)).toEqual({ sampleFrames, bytes: bytes.length, plain: true });
  });

  it('looks into padding', () => {
    expect(parseOpusPacket(packet(toc(3), 0x41, 2, 5, 0, 0), false)?.plain).toBe(true);
    expect(parseOpusPacket(packet(toc(3), 0x41, 2, 5, 0, 1), false)?.plain).toBe(false);
    const long = packet(toc(3), 0x41, 255, 1, 5, ...Array<number>(255).fill(0));
    expect(parseOpusPacket(long, false)).toMatchObject({ bytes: long.length, plain: true });
  });

  it.each([
    ['nothing', packet()],
    ['two frames that cannot be equal', packet(toc(1), 1, 2, 3)],
    ['a first frame longer than the packet', packet(toc(2), 9, 1)],
    ['no frame', packet(toc(3), 0)],
    ['more than 120 ms', packet(toc(3), 7, ...Array<number>(7).fill(1))],
    ['no frame count', packet(toc(3))],
    ['more padding than bytes', packet(toc(3), 0x41, 9, 5)],
    ['padding without an end', packet(toc(3), 0x41, 255)],
    ['a length cut off', packet(toc(2), 252)],
  ])('refuses %s', (_, bytes) => {
    expect(parseOpusPacket(bytes, false)).toBeNull();
  });
});

describe('parseOpusPackets', () => {
  it('takes several streams apart, all but the last with their length', () => {
    const bytes = packet(toc(0), 2, 1, 2, toc(0), 7, 7, 7);
    expect(parseOpusPackets(bytes, 2)).toEqual({ sampleFrames: 960, bytes: 8, plain: true });
    expect(parseOpusPackets(packet(toc(3), 0x41, 1, 1, 5, 0, toc(0), 7), 2)?.plain).toBe(true);
    expect(parseOpusPackets(packet(toc(3), 0x41, 1, 1, 5, 9, toc(0), 7), 2)?.plain).toBe(false);
  });

  it('refuses streams of unequal length, or fewer than were said', () => {
    expect(parseOpusPackets(packet(toc(0), 2, 1, 2, 28 << 3, 7), 2)).toBeNull();
    expect(parseOpusPackets(packet(toc(0), 2, 1, 2), 2)).toBeNull();
  });
});
