import { describe, expect, it } from 'vitest';
import { concatenated, frameCount, type Planar, type StreamFormat } from '../dsp/planar.js';
import { whiteNoise } from '../dsp/noise.fake.js';
import { FakeModelHost, levelFollower, passAll } from '../models/model-host.fake.js';
import type { ModelHost } from '../models/model-host.js';
import { FakeVoiceHost } from '../voice/voice-host.fake.js';
import { burstsOfSpeech, instantHost, modelFrameSeconds, onsetsIn, onsetsSeconds } from './instants.fake.js';
import type { Processor, ProcessorContext } from './processor.js';
import { processorDefinitions, type StageSettings } from './registry.js';
import { withStrength } from './strength.js';

/** Analysis and synthesis of a full-scale signal in float32. */
const alignmentTolerance = 1e-6;
/** A host that counts what is open. */
type CountingHost = ModelHost & { readonly openSessions: number };

/** How a processor is tried. */
interface Known {
  /** changes what it is given */
  readonly changing: StageSettings;
  /** does not, with a model that passes all; null where nothing of what is given may come back: instants are aligned then */
  readonly identical: StageSettings | null;
  /** where `identical` is null: lets an instant through */
  readonly instants?: StageSettings;
  /** for `changing`; a mask that follows the level when missing */
  readonly host?: () => CountingHost;
}
const voice = { level: 'edge', strength: 1 } as const;
/** By processor and, after a space, what is tried of it. */
const settingsOf: Readonly<Record<string, Known>> = {
  enhance: {
    changing: { strength: 1, level: 'fp32' },
    identical: { strength: 1, level: 'fp32' },
  },
  disguise: { changing: { strength: 1, alpha: 0.7 }, identical: { strength: 1, alpha: 1 } },
  // One voice for all: a random one would be another every time.
  voice: {
    changing: { ...voice, mode: 'neutral', pitch: 'template', clarity: 'balanced' },
    identical: null,
    // A code would be the same on either side of an instant.
    instants: { ...voice, mode: 'neutral', pitch: 'flat', clarity: 'clear' },
    host: () => new FakeVoiceHost(),
  },
  'voice keep': {
    changing: { ...voice, mode: 'keep', pitch: 'natural', clarity: 'strict' },
    identical: null,
    instants: { ...voice, mode: 'keep', pitch: 'natural', clarity: 'clear' },
    host: () => new FakeVoiceHost(),
  },
};
/** Seconds of sound at 192 kHz, on a machine that may be busy. */
const busyTimeoutMs = 60_000;
const rates = [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000];

function context(models: ModelHost, signal = new AbortController().signal): ProcessorContext {
  return { models, signal };
}

function noise(format: StreamFormat, frames: number, seed = 1): Planar {
  return Array.from({ length: format.channels }, (_, channel) => whiteNoise(frames, seed * 100 + channel));
}

/** Feeds `input` in blocks whose sizes come from `sizes` in turn, and joins what comes back. */
async function runThrough(processor: Processor, input: Planar, sizes: readonly number[]): Promise<Planar> {
  const parts: Planar[] = [];
  const frames = frameCount(input);
  for (let at = 0, turn = 0; at < frames; turn++) {
    const end = Math.min(frames, at + sizes[turn % sizes.length]!);
    parts.push(await processor.process(input.map((samples) => samples.subarray(at, end))));
    at = end;
  }
  parts.push(await processor.flush());
  processor.close();
  return concatenated(parts, input.length);
}

function largestDifference(a: Planar, b: Planar): number {
  let largest = 0;
  a.forEach((samples, channel) => {
    samples.forEach((value, n) => {
      largest = Math.max(largest, Math.abs(value - b[channel]![n]!));
    });
  });
  return largest;
}

const allFinite = (block: Planar): boolean => block.every((samples) => samples.every(Number.isFinite));

type Definition = (typeof processorDefinitions)[number];

function triedWays(definition: Definition): (readonly [name: string, Definition, Known])[] {
  const names = Object.keys(settingsOf).filter((name) => name.split(' ')[0] === definition.id);
  if (names.length > 0) return names.map((name) => [name, definition, settingsOf[name]!] as const);
  throw new Error(`Expected settings of "${definition.id}" in settingsOf. Add them.`);
}

describe.each(processorDefinitions.flatMap((definition) => triedWays(definition)))(
  'processor %s',
  (_name, definition, known) => {
    const newHost = known.host ?? ((): CountingHost => new FakeModelHost(levelFollower));
    const open = (format: StreamFormat, models = newHost()): Promise<Processor> =>
      definition.open(format, known.changing, context(models));

    it.each([0, 1, 255, 256, 257, 511, 767, 768, 769, 5003, 120_001])(
      'returns exactly %i sample frames when given as many',
      async (frames) => {
        for (const format of [
          { sampleRateHz: 16_000, channels: 1 },
          { sampleRateHz: 48_000, channels: 2 },
        ]) {
          const output = await runThrough(await open(format), noise(format, frames), [4096]);
          expect(output.map((samples) => samples.length)).toEqual(output.map(() => frames));
          expect(allFinite(output)).toBe(true);
        }
      },
    );

    const { identical } = known;
    if (identical === null) {
      it.each(rates)(
        'aligns every instant at %i Hz, however the stream is cut',
        async (sampleRateHz) => {
          const wave = burstsOfSpeech(sampleRateHz);
          for (const [channels, sizes] of [
            [1, [4096]],
            [2, [1, 777, 30_011]],
          ] as const) {
            const format = { sampleRateHz, channels };
            const processor = await definition.open(format, known.instants!, context(instantHost()));
            const input = Array.from({ length: channels }, () => wave);
            for (const samples of await runThrough(processor, input, sizes)) {
              const found = onsetsIn(samples, sampleRateHz);
              const away = found.map((at, i) => Math.abs(at - onsetsSeconds[i]!));
              expect(found).toHaveLength(onsetsSeconds.length);
              expect(Math.max(...away)).toBeLessThanOrEqual(modelFrameSeconds);
            }
          }
        },
        busyTimeoutMs,
      );
    } else {
      it.each(rates)('aligns every sample at %i Hz', async (sampleRateHz) => {
        for (const channels of [1, 2, 6]) {
          const format = { sampleRateHz, channels };
          const input = noise(format, 3 * 4096 + 17);
          const models = new FakeModelHost(passAll);
          const processor = await definition.open(format, identical, context(models));
          const output = await runThrough(processor, input, [4096]);
          expect(frameCount(output)).toBe(frameCount(input));
          expect(largestDifference(input, output)).toBeLessThan(alignmentTolerance);
        }
      });
    }

    it.each([11_025, 16_000, 48_000])(
      'does not care how the stream is cut at %i Hz',
      async (sampleRateHz) => {
        const format = { sampleRateHz, channels: 2 };
        // Long enough for several chunks of the model.
        const input = noise(format, Math.round(14.3 * sampleRateHz));
        const whole = await runThrough(await open(format), input, [frameCount(input)]);
        for (const sizes of [[4096], [1, 0, 777, 30_011], [sampleRateHz]]) {
          expect(largestDifference(await runThrough(await open(format), input, sizes), whole)).toBe(0);
        }
      },
    );

    it('gives the same result every time', async () => {
      const format = { sampleRateHz: 48_000, channels: 2 };
      const input = noise(format, 50_000);
      expect(await runThrough(await open(format), input, [8192])).toEqual(
        await runThrough(await open(format), input, [8192]),
      );
    });

    it.each(rates)('keeps silence silent at %i Hz', async (sampleRateHz) => {
      const format = { sampleRateHz, channels: 2 };
      const input = [new Float32Array(30_000), new Float32Array(30_000)];
      const output = await runThrough(await open(format), input, [4096]);
      expect(output.every((samples) => samples.every((value) => value === 0))).toBe(true);
    });

    it('does not modify what it is given', async () => {
      const format = { sampleRateHz: 48_000, channels: 2 };
      const input = noise(format, 20_000);
      const copy = input.map((samples) => samples.slice());
      await runThrough(await open(format), input, [20_000]);
      expect(input).toEqual(copy);
    });

    it.each([
      ['direct current', () => 1],
      ['a full-scale square wave', (n: number) => (n % 96 < 48 ? 1 : -1)],
      ['a signal a million times too loud', (n: number) => 1e6 * Math.sin(n)],
      ['the smallest numbers there are', (n: number) => (n % 2 === 0 ? 1e-45 : -1e-45)],
    ])('stays finite for %s', async (_name, wave) => {
      const format = { sampleRateHz: 48_000, channels: 1 };
      const input = [Float32Array.from({ length: 40_000 }, (_, n) => wave(n))];
      expect(allFinite(await runThrough(await open(format), input, [4096]))).toBe(true);
    });

    it('refuses numbers too large to be sound instead of returning nonsense', async () => {
      const format = { sampleRateHz: 48_000, channels: 1 };
      const processor = await open(format);
      const block = [new Float32Array(4096).fill(3e38)];
      await expect(processor.process(block)).rejects.toMatchObject({ code: 'INPUT_DAMAGED' });
      processor.close();
    });

    it('ends with CANCELLED at the next block once the signal is aborted', async () => {
      const format = { sampleRateHz: 48_000, channels: 2 };
      const models = newHost();
      const controller = new AbortController();
      const processor = await definition.open(format, known.changing, context(models, controller.signal));
      await processor.process(noise(format, 4096));
      controller.abort();
      await expect(processor.process(noise(format, 4096))).rejects.toMatchObject({ code: 'CANCELLED' });
      await expect(processor.flush()).rejects.toMatchObject({ code: 'CANCELLED' });
      processor.close();
      expect(models.openSessions).toBe(0);
    });

    it('gives its model back when closed, also twice, also before the end', async () => {
      const models = newHost();
      const format = { sampleRateHz: 48_000, channels: 1 };
      const processor = await open(format, models);
      await processor.process(noise(format, 500_000));
      processor.close();
      processor.close();
      expect(models.openSessions).toBe(0);
      await expect(processor.process(noise(format, 10))).rejects.toMatchObject({ code: 'CANCELLED' });
    });

    it('is halfway between raw and result at strength 0.5', async () => {
      const format = { sampleRateHz: 44_100, channels: 2 };
      const input = noise(format, 400_000);
      const wet = await runThrough(await open(format), input, [10_000]);
      const half = await runThrough(withStrength(await open(format), 0.5, 2), input, [7777]);
      const expected = input.map((samples, channel) =>
        samples.map((value, n) => (value + wet[channel]![n]!) / 2),
      );
      expect(largestDifference(half, expected)).toBeLessThan(alignmentTolerance);
    });
  },
);
