import { describe, expect, it } from 'vitest';
import { detailColumns } from './draw-wave.js';
import { Peaks } from './peaks.js';

/** Stereo peaks whose left minimum and right maximum tell the number of their bin. */
function numbered(bins: number): Peaks {
  const values = new Int16Array(bins * 4);
  for (let bin = 0; bin < bins; bin++) values.set([-bin, 0, 0, bin], bin * 4);
  return new Peaks(values, 2, 256);
}

function columns(peaks: Peaks, channel: number, start: number, framesPerColumn: number, count: number) {
  const low = new Float32Array(count);
  const high = new Float32Array(count);
  peaks.columns(channel, start, framesPerColumn, low, high);
  return {
    low: [...low].map((v) => Math.round(v * 32767)),
    high: [...high].map((v) => Math.round(v * 32767)),
  };
}

describe('Peaks', () => {
  it('reads minimum and maximum of each channel from its place in the file', () => {
    const peaks = numbered(8);
    expect(columns(peaks, 0, 0, 256, 4).low).toEqual([0, -1, -2, -3].map((v) => v + 0));
    expect(columns(peaks, 1, 256 * 4, 256, 4).high).toEqual([4, 5, 6, 7]);
  });

  it('finds the same extremes at every resolution', () => {
    const peaks = numbered(10_000);
    for (const framesPerColumn of [256, 1024, 256 * 16, 256 * 100, 256 * 256, 256 * 4096]) {
      const last = Math.min(10_000, Math.ceil(framesPerColumn / 256)) - 1;
      const { high } = columns(peaks, 1, 0, framesPerColumn, 1);
      // A coarser level may look over the edge by at most one of its own bins.
      expect(high[0]).toBeGreaterThanOrEqual(last);
      expect(high[0]).toBeLessThanOrEqual(last + framesPerColumn / 256);
    }
  });

  it('shows nothing outside of the recording', () => {
    const { low, high } = columns(numbered(4), 0, 256 * 6, 256, 2);
    expect(high[0]).toBeLessThan(low[0] ?? 0);
    const before = columns(numbered(4), 0, -512, 256, 1);
    expect(before.high[0]).toBeLessThan(before.low[0] ?? 0);
  });

  it('reads two hours in a few milliseconds once they are loaded', () => {
    const peaks = numbered(1_350_000);
    const begin = performance.now();
    for (let turn = 0; turn < 10; turn++) columns(peaks, 0, 0, 345_600_000 / 1000, 1000);
    // About 1 ms each on a slow machine; drawing from the finest level would take a hundred times as long.
    expect((performance.now() - begin) / 10).toBeLessThan(40);
  });
});

describe('detailColumns', () => {
  const detail = {
    startFrame: 100,
    channels: 2,
    samples: Float32Array.from({ length: 40 }, (_, i) => i >> 1),
  };

  it('finds extremes of the samples in a column', () => {
    const low = new Float32Array(2);
    const high = new Float32Array(2);
    detailColumns(detail, 0, 100, 4, low, high);
    expect([...low]).toEqual([0, 4]);
    expect([...high]).toEqual([4, 8]);
  });

  it('draws the line between samples where a column is narrower than one', () => {
    const low = new Float32Array(4);
    const high = new Float32Array(4);
    detailColumns(detail, 0, 102, 0.5, low, high);
    expect([...low]).toEqual([2, 2.5, 3, 3.5]);
  });

  it('leaves columns as they are that it does not hold', () => {
    const low = new Float32Array(6).fill(-9);
    detailColumns(detail, 0, 92, 4, low, new Float32Array(6));
    expect([...low]).toEqual([-9, -9, 0, 4, 8, 12]);
    const beyond = new Float32Array(4).fill(-9);
    detailColumns(detail, 0, 112, 4, beyond, new Float32Array(4));
    expect([...beyond]).toEqual([12, 16, -9, -9]);
  });
});
