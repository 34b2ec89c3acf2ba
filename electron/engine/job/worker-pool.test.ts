import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { memoryPerJobBytes, workerCount } from './worker-count.js';
import { mapWithWorkers } from './worker-pool.js';

const never = new AbortController().signal;

describe('mapWithWorkers', () => {
  it('keeps the order of the items whatever takes longest, with no more workers than told', async () => {
    let running = 0;
    let most = 0;
    const results = await mapWithWorkers([30, 1, 20, 1, 1], 2, never, async (milliseconds, index) => {
      running += 1;
      most = Math.max(most, running);
      await sleep(milliseconds);
      running -= 1;
      return index;
    });
    expect(results).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(2);
  });

  it('starts nothing more after the signal', async () => {
    const controller = new AbortController();
    const results = await mapWithWorkers([0, 1, 2, 3], 1, controller.signal, (item) => {
      if (item === 1) controller.abort();
      return Promise.resolve(item);
    });
    expect(results).toEqual([0, 1, null, null]);
  });

  it('lets running work end before it passes a rejection on', async () => {
    let ended = false;
    const outcome = mapWithWorkers([0, 1, 2], 2, never, async (item) => {
      if (item === 0) throw new Error('broken');
      await sleep(30);
      ended = true;
    });
    await expect(outcome).rejects.toThrow('broken');
    expect(ended).toBe(true);
  });
});

describe('workerCount', () => {
  const roomy = { cores: 4, availableBytes: 100 * memoryPerJobBytes };

  it('takes every core, or what was asked for, but no more than there are files', () => {
    expect(workerCount(null, 10, roomy)).toBe(4);
    expect(workerCount(8, 10, roomy)).toBe(8);
    expect(workerCount(null, 2, roomy)).toBe(2);
  });

  it('stays within half of the free memory and always runs one', () => {
    expect(workerCount(8, 10, { cores: 8, availableBytes: 4 * memoryPerJobBytes })).toBe(2);
    expect(workerCount(8, 10, { cores: 8, availableBytes: 0 })).toBe(1);
  });
});
