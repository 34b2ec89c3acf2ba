import { describe, expect, it } from 'vitest';
import { writeTinyGatedModel } from '../analysis/tiny-gated-model.fake.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { RawLanes } from './raw-lanes.js';
import { testFolder } from './run-job.fake.js';

const folder = testFolder();

describe('RawLanes', () => {
  it.each([
    ['while they pass', 16_000],
    ['at the very end', 100],
  ])('give up with a finding when the samples cannot be measured %s', async (_, sampleFrames) => {
    writeTinyGatedModel(folder());
    const models = new DirectModelHost(folder());
    const lanes = await RawLanes.open({ sampleRateHz: 16_000, channels: 1 }, models);
    expect(lanes.active).toBe(true);
    lanes.push([new Float32Array(sampleFrames).fill(3e38)]);
    expect(lanes.finish()).toBeNull();
    expect(lanes.findings.map(({ code }) => code)).toEqual(['NO_LANES']);
    expect(lanes.active).toBe(false);
    lanes.close();
    await models.close();
  });
});
