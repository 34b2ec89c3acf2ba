import { describe, expect, it } from 'vitest';
import { largestShare, WorkBudget } from './work-budget.js';

const rate = 48_000;
const blockFrames = 128;

/** Works in every sixth block, as a net does, for so many milliseconds, read from a clock of whole ones. */
function work(budget: WorkBudget, clock: { ms: number }, seconds: number, hopMs: number): void {
  for (let block = 0; block < (seconds * rate) / blockFrames; block++) {
    const due = block % 6 === 0;
    if (due) {
      budget.begin();
      clock.ms += hopMs;
      budget.end();
    }
    clock.ms += (1000 * blockFrames) / rate - (due ? hopMs : 0);
    budget.pass(blockFrames);
  }
}

describe('WorkBudget', () => {
  const hopMs = 16;

  it.each([0.1, 0.3, 0.35])('bears a net that takes %f of real time', (share) => {
    const clock = { ms: 0 };
    const budget = new WorkBudget(rate, () => Math.floor(clock.ms));
    work(budget, clock, 20, share * hopMs);
    expect(budget.exceeded).toBe(false);
  });

  it.each([0.5, 0.9])(
    'ends one that takes %f of it, also where one turn is shorter than the clock can tell',
    (share) => {
      const clock = { ms: 0 };
      const budget = new WorkBudget(rate, () => Math.floor(clock.ms));
      work(budget, clock, 4, share * hopMs);
      expect(budget.exceeded).toBe(true);
      budget.reset();
      expect(budget.exceeded).toBe(false);
    },
  );

  it('adds up turns shorter than a millisecond', () => {
    const clock = { ms: 0 };
    const budget = new WorkBudget(rate, () => Math.floor(clock.ms));
    for (let block = 0; block < 4 * (rate / blockFrames); block++) {
      budget.begin();
      clock.ms += 1.4;
      budget.end();
      clock.ms += (1000 * blockFrames) / rate - 1.4;
      budget.pass(blockFrames);
    }
    expect(1.4 / ((1000 * blockFrames) / rate)).toBeGreaterThan(largestShare);
    expect(budget.exceeded).toBe(true);
  });

  it('is not deceived by one late thread, nor by a clock that is set', () => {
    const clock = { ms: 0 };
    const budget = new WorkBudget(rate, () => Math.floor(clock.ms));
    budget.begin();
    clock.ms += 300;
    budget.end();
    work(budget, clock, 2, 1);
    budget.begin();
    clock.ms -= 3_600_000;
    budget.end();
    work(budget, clock, 2, 1);
    expect(budget.exceeded).toBe(false);
  });
});
