import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BusyClock } from './busy-clock.js';

describe('BusyClock', () => {
  it('counts overlapping work on one part once', async () => {
    const clock = new BusyClock();
    await Promise.all([clock.time('model', () => sleep(60)), clock.time('model', () => sleep(60))]);
    const { model } = clock.toRecord();
    expect(model).toBeGreaterThan(0.05);
    expect(model).toBeLessThan(0.11);
  });

  it('adds up separate work and keeps parts apart', async () => {
    const clock = new BusyClock();
    await clock.time('write', () => sleep(30));
    await clock.time('write', () => sleep(30));
    clock.timeNow('measure', () => undefined);
    expect(clock.toRecord()['write']).toBeGreaterThan(0.055);
    expect(Object.keys(clock.toRecord())).toEqual(['measure', 'write']);
  });

  it('counts the time of work that fails', async () => {
    const clock = new BusyClock();
    const failing = clock.time('prove', () => sleep(20).then(() => Promise.reject(new Error('broken'))));
    await expect(failing).rejects.toThrow('broken');
    expect(clock.toRecord()['prove']).toBeGreaterThan(0.015);
  });
});
