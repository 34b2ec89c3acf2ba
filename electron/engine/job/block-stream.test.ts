import { describe, expect, it } from 'vitest';
import { frameCount, type Planar } from '../dsp/planar.js';
import type { Processor } from '../processors/processor.js';
import { processedBlocks } from './block-stream.js';
import { BusyClock } from './busy-clock.js';

const watch = { clock: new BusyClock(), signal: new AbortController().signal };

async function* blocksOf(...lengths: number[]): AsyncGenerator<Planar> {
  let next = 0;
  for (const length of lengths) {
    await Promise.resolve();
    yield [Float32Array.from({ length }, () => next++)];
  }
}

/** Holds `held` frames back until the end, and loses `lost` of them. */
function delaying(held: number, lost = 0): Processor {
  let waiting: number[] = [];
  return {
    models: [],
    process: async ([samples = new Float32Array()]) => {
      await Promise.resolve();
      waiting.push(...samples);
      const ready = waiting.slice(0, Math.max(0, waiting.length - held));
      waiting = waiting.slice(ready.length);
      return [Float32Array.from(ready)];
    },
    flush: () => Promise.resolve([Float32Array.from(waiting.slice(lost))]),
    close: () => undefined,
  };
}

async function collect(blocks: AsyncIterable<Planar>): Promise<{ samples: number[]; sizes: number[] }> {
  const samples: number[] = [];
  const sizes: number[] = [];
  for await (const block of blocks) {
    samples.push(...(block[0] ?? []));
    sizes.push(frameCount(block));
  }
  return { samples, sizes };
}

describe('processedBlocks', () => {
  it('passes every sample frame on in order through several stages that hold some back', async () => {
    const blocks = blocksOf(10, 1, 25, 7);
    const { samples, sizes } = await collect(processedBlocks(blocks, [delaying(5), delaying(12)], watch));
    expect(samples).toEqual(Array.from({ length: 43 }, (_, n) => n));
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  it('refuses a result that would be out of place because a stage lost a sample frame', async () => {
    const outcome = collect(processedBlocks(blocksOf(10, 10), [delaying(5, 1), delaying(3)], watch));
    await expect(outcome).rejects.toThrow(/gave back 19 sample frames for 20/);
  });

  it('stops before the next block once the signal is aborted', async () => {
    const controller = new AbortController();
    const outcome = (async () => {
      const blocks = processedBlocks(blocksOf(10, 10, 10, 10, 10, 10), [delaying(0)], {
        clock: watch.clock,
        signal: controller.signal,
      });
      let got = 0;
      for await (const block of blocks) {
        got += frameCount(block);
        controller.abort();
      }
      return got;
    })();
    await expect(outcome).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
