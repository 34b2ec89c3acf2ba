import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { progressSchema, type Progress } from '../../contract/job.js';
import { ProgressMeter } from './progress-meter.js';

function meter(total: number | null): { told: Progress[]; meter: ProgressMeter } {
  const told: Progress[] = [];
  return { told, meter: new ProgressMeter('process', 1000, total, (progress) => told.push(progress)) };
}

describe('ProgressMeter', () => {
  it('tells the fraction done and the time left from the pace so far', async () => {
    const { told, meter: running } = meter(4000);
    await sleep(50);
    running.advance(1000);
    expect(told[0]).toEqual({
      ...{ phase: 'process', fraction: 0, processedSeconds: 0 },
      ...{ etaSeconds: null, realTimeFactor: null },
    });
    const last = progressSchema.parse(told[1]);
    expect(last).toMatchObject({ fraction: 0.25, processedSeconds: 1 });
    expect(last.etaSeconds).toBeGreaterThan(0.14);
    expect(last.etaSeconds).toBeLessThan(0.6);
    expect(last.realTimeFactor).toBeGreaterThan(5);
  });

  it('knows neither fraction nor time left when the length is unknown', () => {
    for (const total of [null, 0]) {
      const { told, meter: running } = meter(total);
      running.advance(500);
      expect(told[1]).toMatchObject({ fraction: null, etaSeconds: null, processedSeconds: 0.5 });
    }
  });

  it('stays at 1 when there is more than the header promised', () => {
    const { told, meter: running } = meter(100);
    running.advance(1000);
    expect(told[1]?.fraction).toBe(1);
  });
});
