import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../contract/job.js';
import { throttled } from './throttle.js';

function at(fraction: number, phase: Progress['phase'] = 'process'): Progress {
  return { phase, fraction, processedSeconds: 0, etaSeconds: null, realTimeFactor: null };
}

describe('throttled', () => {
  it('passes a burst on once, and again after a tenth of a second', async () => {
    const passed: (number | null)[] = [];
    const listener = throttled(({ fraction }) => passed.push(fraction));
    for (const fraction of [0, 0.1, 0.2]) listener(at(fraction));
    await sleep(120);
    listener(at(0.3));
    expect(passed).toEqual([0, 0.3]);
  });

  it('always passes a new phase and the end', () => {
    const passed: string[] = [];
    const listener = throttled(({ phase, fraction }) => passed.push(`${phase} ${String(fraction)}`));
    for (const progress of [at(0), at(0.5), at(1), at(0, 'prove')]) listener(progress);
    expect(passed).toEqual(['process 0', 'process 1', 'prove 0']);
  });
});
