import { describe, expect, it } from 'vitest';
import { benchWords } from './bench-command.js';

describe('benchWords', () => {
  it('shows pace, memory and where the time went', () => {
    const words = benchWords({
      schema: 'sotto.bench/1',
      machine: { cpu: 'Some CPU', cores: 2, node: 'v20', loadAverage: 0.5 },
      startUp: { helpSeconds: 0.2, modelsSeconds: 0.3 },
      jobs: [
        {
          ...{ name: 'clean-only', seconds: 600, wallSeconds: 8, realTimeFactor: 80, timesPeer: 1.5 },
          ...{ busySeconds: { chain: 5, model: 2 }, realTimeFactorOfPart: { chain: 120, model: 300 } },
          ...{ peakBytes: 210e6, peakTreeBytes: 250e6, cpuSeconds: 9 },
        },
      ],
    });
    expect(words).toContain('clean-only, 10:00: 80x real time, 1.50 times afftdn; memory 210.0 MB');
    expect(words).toContain('busy: chain 5.00 s, model 2.00 s');
  });
});
