import { describe, expect, it } from 'vitest';
import { FakeModelHost, passAll } from '../models/model-host.fake.js';
import { benchSignal } from './signal.bench.js';

describe('the signal bench', () => {
  it('measures every part, with a model the enhance stage too, and leaves no session open', async () => {
    const models = new FakeModelHost(passAll);
    const measures = await benchSignal({ sampleRateHz: 16_000, channels: 2, seconds: 1, rounds: 2, models });
    const parts = ['stft', 'loudness', 'peaks', 'pitch', 'mel', 'source-filter', 'disguise', 'enhance'];
    expect(measures.map(({ part }) => part)).toEqual(parts);
    for (const { msPerSecond, cpuMsPerSecond, realTimeFactor } of measures) {
      expect(msPerSecond).toBeGreaterThan(0);
      expect(cpuMsPerSecond).toBeGreaterThan(0);
      expect(realTimeFactor).toBeCloseTo(1000 / msPerSecond, 6);
    }
    expect(models.openSessions).toBe(0);
  });
});
