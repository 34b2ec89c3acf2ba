import { describe, expect, it } from 'vitest';
import { benchWords } from './bench-command.js';

describe('benchWords', () => {
  it('shows pace, memory, frames and where the time went', () => {
    const words = benchWords({
      schema: 'sotto.bench/1',
      machine: { cpu: 'Some CPU', cores: 2, node: 'v20', loadAverage: 0.5 },
      startUp: { helpSeconds: 0.2, modelsSeconds: 0.3 },
      frames: [
        {
          ...{ model: 'enhance', level: 'phi25', hasGates: true, denseMacs: 700_000 },
          recording: { microsecondsPerFrame: 50, framesPerSecond: 20_000, share: 0.4 },
          silence: { microsecondsPerFrame: 40, framesPerSecond: 25_000, share: 0.3 },
          ...{ onnxMicrosecondsPerFrame: 30, onnxMicrosecondsOneByOne: 1000, timesOnnx: 0.6 },
          ...{ timesOnnxOneByOne: 20, timesDense: 1.9 },
        },
      ],
      jobs: [
        {
          ...{ name: 'clean-only', seconds: 600, wallSeconds: 8, realTimeFactor: 80, timesPeer: 1.5 },
          ...{ busySeconds: { chain: 5, model: 2 }, realTimeFactorOfPart: { chain: 120, model: 300 } },
          ...{ peakBytes: 210e6, peakTreeBytes: 250e6, cpuSeconds: 9 },
        },
      ],
    });
    expect(words).toContain(
      'frames at phi25: 50.0 us a frame, in silence 40.0; 20.0 times ONNX Runtime frame by frame (in chunks 0.60), 1.90 times the dense net',
    );
    expect(words).toContain('clean-only, 10:00: 80x real time, 1.50 times afftdn; memory 210.0 MB');
    expect(words).toContain('busy: chain 5.00 s, model 2.00 s');
  });
});
