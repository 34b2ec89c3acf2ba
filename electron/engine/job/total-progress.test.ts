import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../contract/job.js';
import { TotalProgressMeter } from './total-progress.js';

function at(fraction: number | null, phase: Progress['phase'] = 'process'): Progress {
  return { phase, fraction, processedSeconds: 0, etaSeconds: null, realTimeFactor: null };
}

describe('TotalProgressMeter', () => {
  it('weighs each file by how long it sounds', async () => {
    const meter = new TotalProgressMeter([90, 10]);
    expect(meter.get()).toEqual({ files: 2, filesEnded: 0, fraction: 0, etaSeconds: null });
    await sleep(20);
    meter.advance(1, at(1, 'prove'));
    expect(meter.get().fraction).toBeCloseTo(0.1);
    meter.advance(0, at(0.5));
    meter.end(1);
    expect(meter.get()).toMatchObject({ filesEnded: 1, fraction: 0.55 });
    expect(meter.get().etaSeconds).toBeGreaterThan(0.01);
  });

  it('does not guess while the length of a file is unknown, and knows again once that file has ended', () => {
    const meter = new TotalProgressMeter([null, 10]);
    meter.advance(1, at(0.5));
    expect(meter.get()).toMatchObject({ fraction: null, etaSeconds: null });
    meter.end(0);
    expect(meter.get().fraction).toBe(0.5);
  });

  it('is complete when nothing could be processed', () => {
    const meter = new TotalProgressMeter([0, 0]);
    meter.end(0);
    meter.end(1);
    expect(meter.get()).toMatchObject({ filesEnded: 2, fraction: 1 });
  });
});
