import { describe, expect, it } from 'vitest';
import { rulerTicks } from './ruler-ticks.js';

const labels = (start: number, end: number, pixelsPerSecond: number) =>
  rulerTicks(start, end, pixelsPerSecond).flatMap((tick) => (tick.label === null ? [] : [tick.label]));

describe('rulerTicks', () => {
  it('labels round times', () => {
    expect(labels(0, 20, 50)).toEqual([
      '0:00',
      '0:02',
      '0:04',
      '0:06',
      '0:08',
      '0:10',
      '0:12',
      '0:14',
      '0:16',
      '0:18',
      '0:20',
    ]);
    expect(labels(0, 7200, 0.14).slice(0, 3)).toEqual(['0:00', '10:00', '20:00']);
    expect(labels(3600, 3601, 1000).slice(0, 2)).toEqual(['1:00:00.0', '1:00:00.1']);
  });

  it('keeps labels apart at every scale', () => {
    for (let scale = 0.05; scale < 100_000; scale *= 1.7) {
      const marked = rulerTicks(100, 100 + 1000 / scale, scale).filter((tick) => tick.label !== null);
      for (const [at, tick] of marked.entries()) {
        const before = marked[at - 1];
        if (before) expect((tick.seconds - before.seconds) * scale).toBeGreaterThanOrEqual(83.9);
      }
    }
  });

  it('draws few marks however long the recording is', () => {
    expect(rulerTicks(0, 86_400, 1000 / 86_400).length).toBeLessThan(200);
  });
});
