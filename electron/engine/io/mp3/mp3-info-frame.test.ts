import { describe, expect, it } from 'vitest';
import { Mp3SeekPoints } from './mp3-info-frame.js';

describe('Mp3SeekPoints', () => {
  it('gives each hundredth of a constant rate its share of the file', () => {
    const points = new Mp3SeekPoints();
    for (let frame = 0; frame < 1000; frame++) points.push(frame * 400);
    const table = points.table(400_000);
    expect([table[0], table[25], table[50], table[99]]).toEqual([0, 64, 128, 253]);
  });

  it('stays as exact as the table can be for a day of sound', () => {
    const points = new Mp3SeekPoints();
    const frames = 3_300_000;
    for (let frame = 0; frame < frames; frame++) points.push(frame * 400);
    const table = points.table(frames * 400);
    for (let percent = 0; percent < 100; percent++) {
      expect(Math.abs(table[percent]! - (256 * percent) / 100)).toBeLessThanOrEqual(1.2);
    }
  });
});
