import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDb,
  formatLength,
  formatPosition,
  formatRate,
  formatSeconds,
  formatSpeed,
} from './time-format.js';

const plain = (text: string) => text.replaceAll('\u2009', ' ');

describe('time and figures', () => {
  it('cuts a position to milliseconds and never overstates it', () => {
    expect(formatPosition(0, 48_000)).toBe('0:00.000');
    expect(formatPosition(47_999, 48_000)).toBe('0:00.999');
    expect(formatPosition(48_000 * 61 + 24, 48_000)).toBe('1:01.000');
    expect(formatPosition(44_100 * 3600, 44_100)).toBe('1:00:00.000');
  });

  it('keeps the place of the hours when the recording has some', () => {
    expect(formatPosition(16_000, 16_000, true)).toBe('0:00:01.000');
  });

  it('says seconds below a minute and clock time from there', () => {
    expect(plain(formatSeconds(12.4))).toBe('12 s');
    expect(formatSeconds(185)).toBe('3:05');
    expect(formatSeconds(7200)).toBe('2:00:00');
    expect(plain(formatLength(0.01))).toBe('10 ms');
    expect(plain(formatLength(17))).toBe('17 s');
  });

  it('groups counts and keeps three figures of sizes', () => {
    expect(plain(formatCount(28_800_000))).toBe('28 800 000');
    expect(plain(formatBytes(999))).toBe('999 B');
    expect(plain(formatBytes(1_382_400_044))).toBe('1.38 GB');
    expect(plain(formatBytes(230_000_000))).toBe('230 MB');
  });

  it('writes levels with a real minus and no minus zero', () => {
    expect(plain(formatDb(-6.04))).toBe('\u22126.0 dB');
    expect(plain(formatDb(-0.01))).toBe('0.0 dB');
    expect(plain(formatDb(2.95))).toBe('+3.0 dB');
  });

  it('writes rates and speeds as engineers do', () => {
    expect(plain(formatRate(44_100))).toBe('44.1 kHz');
    expect(plain(formatRate(11_025))).toBe('11.025 kHz');
    expect(formatSpeed(61.4)).toBe('61×');
    expect(formatSpeed(0.84)).toBe('0.8×');
  });
});
