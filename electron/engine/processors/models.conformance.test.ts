import { afterAll, describe, expect, it } from 'vitest';
import { whiteNoise } from '../dsp/noise.fake.js';
import { concatenated, frameCount, silence, type Planar } from '../dsp/planar.js';
import { DirectModelHost } from '../models/direct-model-host.js';
import { openChain } from './chain.js';
import { processorDefinitions } from './registry.js';

const host = new DirectModelHost();
afterAll(() => host.close());
const signal = new AbortController().signal;
const sampleRateHz = 48_000;

/** What a stage needs besides strength and the level. */
const furtherSettings: Readonly<Record<string, object>> = {
  // One voice for all: a random one would be another every time.
  voice: { mode: 'neutral', pitch: 'template', clarity: 'clear' },
};

/** Every level of every model that a stage is opened with; a synthesis is found by its encoder. */
const cases = host
  .list()
  .filter(({ runner }) => runner !== 'voice-synthesis')
  .filter(({ stage }) => processorDefinitions.some((definition) => definition.stage === stage))
  .flatMap(({ id, stage, levels }) => levels.map((level) => [id, level.id, stage] as const));

/** @param blockFrames  how the stream is cut */
async function process(stage: string, level: string, input: Planar, blockFrames: number): Promise<Planar> {
  const format = { sampleRateHz, channels: input.length };
  const chain = { [stage]: { strength: 1, level, ...furtherSettings[stage] } };
  const [processor] = await openChain(format, chain, { models: host, signal });
  const parts: Planar[] = [];
  for (let at = 0; at < frameCount(input); at += blockFrames) {
    parts.push(await processor!.process(input.map((samples) => samples.subarray(at, at + blockFrames))));
  }
  parts.push(await processor!.flush());
  processor!.close();
  return concatenated(parts, input.length);
}

/** Two channels that get louder and softer, longer than one chunk of the model. */
function recording(): Planar {
  return [1, 2].map((seed) =>
    whiteNoise(8 * sampleRateHz + 123, seed, 0.5).map((value, n) => value * Math.sin(n / 30_000)),
  );
}

describe('the models that are installed', () => {
  it('are at least one', () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  it.each(cases)(
    '%s at %s keeps length, stays finite and does not care how the stream is cut',
    async (_, level, stage) => {
      const input = recording();
      const whole = await process(stage, level, input, frameCount(input));
      expect(whole.map((samples) => samples.length)).toEqual(input.map((samples) => samples.length));
      expect(whole.every((samples) => samples.every(Number.isFinite))).toBe(true);
      const cut = await process(stage, level, input, 7777);
      expect(cut.every((samples, channel) => samples.every((value, n) => value === whole[channel]![n]))).toBe(
        true,
      );
    },
  );

  it.each(cases)('%s at %s keeps silence silent', async (_, level, stage) => {
    const output = await process(stage, level, silence(2, 2 * sampleRateHz), 16_384);
    expect(output.every((samples) => samples.every((value) => value === 0))).toBe(true);
  });

  it.each(cases)(
    '%s at %s never makes anything louder than full scale out of a square wave',
    async (_, level, stage) => {
      const square = Float32Array.from({ length: sampleRateHz }, (_value, n) => (n % 96 < 48 ? 1 : -1));
      const [output] = await process(stage, level, [square], 16_384);
      // A mask between 0 and 1 cannot add energy, only ring a little at the edges; a voice is kept below the recording's peaks.
      expect(Math.max(...output!.map(Math.abs))).toBeLessThan(1.5);
    },
  );
});
