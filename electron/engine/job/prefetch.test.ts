import { describe, expect, it } from 'vitest';
import { prefetch } from './prefetch.js';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Counts up to `count`, noting how many items were produced and whether it was told to stop. */
function counter(count: number): { produced: number; returned: boolean; items: AsyncGenerator<number> } {
  const state = { produced: 0, returned: false, items: generate() };
  async function* generate(): AsyncGenerator<number> {
    try {
      for (let value = 0; value < count; value += 1) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        state.produced += 1;
        yield value;
      }
    } finally {
      state.returned = true;
    }
  }
  return state;
}

describe('prefetch', () => {
  it('gives every item once and in order, for any depth', async () => {
    for (const depth of [1, 2, 5, 50]) {
      expect(await collect(prefetch(counter(20).items, depth))).toEqual(
        Array.from({ length: 20 }, (_, index) => index),
      );
    }
  });

  it('works ahead of a slow consumer, but only by its depth', async () => {
    const source = counter(100);
    const items = prefetch(source.items, 3);
    await items.next();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(source.produced).toBe(4);
    await items.return();
  });

  it('passes the error on in its place', async () => {
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      await Promise.resolve();
      throw new Error('broken');
    }
    const items = prefetch(failing(), 4);
    expect(await items.next()).toEqual({ done: false, value: 1 });
    await expect(items.next()).rejects.toThrow('broken');
  });

  it('tells the source to stop when the consumer leaves', async () => {
    const source = counter(100);
    for await (const value of prefetch(source.items, 2)) if (value === 3) break;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(source.returned).toBe(true);
  });
});
