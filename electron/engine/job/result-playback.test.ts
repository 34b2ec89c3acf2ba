import { afterEach, expect, it, vi } from 'vitest';
import { PitchPair } from './pitch-pair.js';
import { ResultPlayback } from './result-playback.js';
import { namesIn, testFolder } from './run-job.fake.js';

const folder = testFolder();
const format = { sampleRateHz: 16_000, channels: 1, expectedSampleFrames: 16_000 };
const block = [new Float32Array(8000)];

afterEach(() => {
  vi.restoreAllMocks();
});

it('keeps the copy and F0 of what passed', async () => {
  const playback = await ResultPlayback.open(folder(), format, true);
  await playback.pushRaw(block);
  await playback.pushResult(block);
  await playback.write(block);
  expect(await playback.finish()).toMatchObject({ sampleFrames: 8000, f0Frames: 50 });
  expect(await namesIn(folder())).toEqual(['result.f0', 'result.pcm', 'result.peaks']);
  await playback.abort();
  expect(playback.findings).toEqual([]);
});

it.each(['pushRaw', 'pushResult'] as const)(
  'never costs an export when F0 cannot be measured: %s',
  async (half) => {
    vi.spyOn(PitchPair.prototype, half).mockImplementation(() => {
      throw new Error('no F0 in this test');
    });
    const playback = await ResultPlayback.open(folder(), format, true);
    await playback.pushRaw(block);
    await playback.pushResult(block);
    await playback.write(block);
    expect(await playback.finish()).toBeNull();
    await playback.abort();
    expect(playback.findings.map(({ code }) => code)).toEqual(['NO_PLAYBACK']);
    expect(await namesIn(folder())).toEqual([]);
  },
);
