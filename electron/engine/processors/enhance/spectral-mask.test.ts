import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatenated, frameCount, type Planar } from '../../dsp/planar.js';
import { sine, whiteNoise } from '../../dsp/noise.fake.js';
import { DirectModelHost } from '../../models/direct-model-host.js';
import {
  fakeManifest,
  FakeModelHost,
  levelFollower,
  passAll,
  type FakeNet,
} from '../../models/model-host.fake.js';
import { writeTinyModel } from '../../models/tiny-model.fake.js';
import { openSpectralMask } from './spectral-mask.js';

/** ONNX Runtime may add up in another order for another chunk length. */
const chunkingTolerance = 1e-6;
const never = new AbortController().signal;

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sotto-mask-'));
  writeTinyModel(root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function enhance(
  host: DirectModelHost | FakeModelHost,
  sampleRateHz: number,
  input: Planar,
  chunkFrames?: number,
): Promise<Planar> {
  const session = await host.open(host.list()[0]!.id, 'fp32');
  const format = { sampleRateHz, channels: input.length };
  const processor = await openSpectralMask(format, session, never, chunkFrames);
  const parts = [await processor.process(input), await processor.flush()];
  processor.close();
  return concatenated(parts, input.length);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, n) => Math.max(worst, Math.abs(value - b[n]!)), 0);
}

function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
}

describe('the spectral-mask runner', () => {
  it.each([1, 17, 63, 100])(
    'gives in chunks of %i frames what one long run of a real graph gives',
    async (chunk) => {
      const host = new DirectModelHost(root);
      const input = [whiteNoise(16_000 * 3 + 11, 5, 0.1)];
      const offline = await enhance(host, 16_000, input, 100_000);
      const chunked = await enhance(host, 16_000, input, chunk);
      expect(frameCount(chunked)).toBe(frameCount(input));
      expect(largestDifference(chunked[0]!, offline[0]!)).toBeLessThan(chunkingTolerance);
      // The comparison means something only if the model does something.
      expect(largestDifference(offline[0]!, input[0]!)).toBeGreaterThan(0.01);
      await host.close();
    },
  );

  it('shows the model the same magnitudes at every rate', async () => {
    const seen = new Map<number, Float32Array>();
    for (const sampleRateHz of [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 192_000]) {
      const net: FakeNet = (magnitude) => {
        // Frame 20, well inside; (1, 257, frames) -> [257]
        const frames = magnitude.shape[2]!;
        const column = Float32Array.from({ length: 257 }, (_, k) => magnitude.data[k * frames + 20]!);
        seen.set(sampleRateHz, column);
        return passAll(magnitude);
      };
      const input = [sine(sampleRateHz, 1000, sampleRateHz, 0.5)];
      await enhance(new FakeModelHost(net), sampleRateHz, input);
    }
    const reference = seen.get(16_000)!;
    const level = (column: Float32Array): number => Math.hypot(...column);
    for (const column of seen.values()) {
      expect(Math.abs(20 * Math.log10(level(column) / level(reference)))).toBeLessThan(0.1);
      // 1 kHz is bin 32 of the model; where the grid is stretched by 2 % it is one bin off at most.
      const loudest = column.indexOf(Math.max(...column));
      expect(Math.abs(loudest - 32)).toBeLessThanOrEqual(1);
    }
    // What a recording at 8 kHz does not hold is given as silence.
    expect(
      seen
        .get(8000)!
        .subarray(129)
        .every((value) => value === 0),
    ).toBe(true);
  });

  it('shows the model one spectrum for all channels, whatever their phase', async () => {
    const seen: Float32Array[] = [];
    const net: FakeNet = (magnitude) => {
      seen.push(magnitude.data.slice());
      return passAll(magnitude);
    };
    const mono = whiteNoise(20_000, 1, 0.3);
    const inverted = mono.map((value) => -value);
    await enhance(new FakeModelHost(net), 16_000, [mono]);
    await enhance(new FakeModelHost(net), 16_000, [mono, inverted]);
    expect(largestDifference(seen[0]!, seen[1]!)).toBeLessThan(1e-4);
  });

  it('keeps the level difference between channels, which is the stereo image', async () => {
    const left = whiteNoise(60_000, 1, 0.4);
    const right = left.map((value) => 0.25 * value);
    const [outLeft, outRight] = await enhance(new FakeModelHost(levelFollower), 48_000, [left, right]);
    expect(
      largestDifference(
        outRight!,
        outLeft!.map((value) => 0.25 * value),
      ),
    ).toBeLessThan(1e-6);
    expect(rms(outLeft!)).toBeLessThan(0.9 * rms(left));
  });

  it('reduces what lies above the band of the model as much as its top band', async () => {
    const halve: FakeNet = ({ data }) => new Float32Array(data.length).fill(0.5);
    const tone = sine(48_000, 15_000, 48_000, 0.5);
    const [output] = await enhance(new FakeModelHost(halve), 48_000, [tone]);
    expect(
      largestDifference(
        output!,
        tone.map((value) => value / 2),
      ),
    ).toBeLessThan(1e-6);
  });

  it('has at most two chunks under way', async () => {
    let running = 0;
    let most = 0;
    const host = new FakeModelHost(passAll);
    const session = await host.open('fake-mask', 'fp32');
    const counting = {
      ...session,
      run: async (inputs: Parameters<typeof session.run>[0]) => {
        most = Math.max(most, ++running);
        const answer = await session.run(inputs);
        running--;
        return answer;
      },
    };
    const format = { sampleRateHz: 16_000, channels: 1 };
    const processor = await openSpectralMask(format, counting, never, 10);
    await processor.process([whiteNoise(50_000, 1)]);
    await processor.flush();
    processor.close();
    expect(most).toBe(2);
  });

  it('ends at once when it is cancelled while the model computes, without an unhandled rejection', async () => {
    const controller = new AbortController();
    const host = new FakeModelHost(passAll);
    const session = await host.open('fake-mask', 'fp32');
    const failLater = { ...session, run: () => new Promise<never>((_, reject) => setTimeout(reject, 50)) };
    const format = { sampleRateHz: 16_000, channels: 1 };
    const processor = await openSpectralMask(format, failLater, controller.signal, 10);
    const processing = processor.process([whiteNoise(50_000, 1)]);
    controller.abort();
    await expect(processing).rejects.toMatchObject({ code: 'CANCELLED' });
    processor.close();
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(host.openSessions).toBe(0);
  });

  it('refuses a mask of the wrong size and one that is not a number, and gives the session back', async () => {
    const nets: FakeNet[] = [() => new Float32Array(3), ({ data }) => data.map(() => NaN)];
    for (const net of nets) {
      const host = new FakeModelHost(net);
      const session = await host.open('fake-mask', 'fp32');
      const format = { sampleRateHz: 16_000, channels: 1 };
      const processor = await openSpectralMask(format, session, never);
      await processor.process([whiteNoise(5000, 1)]);
      await expect(processor.flush()).rejects.toMatchObject({ code: 'MODEL_FAILED' });
      processor.close();
    }
    const nameless = new FakeModelHost(passAll, { ...fakeManifest, inputs: [] });
    const session = await nameless.open('fake-mask', 'fp32');
    const format = { sampleRateHz: 16_000, channels: 1 };
    await expect(openSpectralMask(format, session, never)).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    expect(nameless.openSessions).toBe(0);
  });
});
