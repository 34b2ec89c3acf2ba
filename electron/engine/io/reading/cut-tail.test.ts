import { expect, it } from 'vitest';
import { cutTail } from './cut-tail.js';

async function cut(parts: readonly number[], endBytes: number, maxSurplusBytes: number): Promise<number[]> {
  let next = 0;
  async function* chunks(): AsyncGenerator<Buffer> {
    for (const length of parts) {
      await Promise.resolve();
      yield Buffer.from(Array.from({ length }, () => next++));
    }
  }
  const out: number[] = [];
  for await (const chunk of cutTail(chunks(), endBytes, maxSurplusBytes)) out.push(...chunk);
  return out;
}

function counted(length: number): number[] {
  return Array.from({ length }, (_, n) => n);
}

it('ends where the declared length ends, however the bytes are cut', async () => {
  expect(await cut([4, 4, 4], 10, 5)).toEqual(counted(10));
  expect(await cut([12], 10, 5)).toEqual(counted(10));
  expect(await cut([10, 2], 10, 5)).toEqual(counted(10));
  expect(await cut([3, 3, 4, 1, 1, 1], 10, 5)).toEqual(counted(10));
});

it('gives everything when less was decoded than declared', async () => {
  expect(await cut([4, 4], 10, 5)).toEqual(counted(8));
});

it('cuts nothing when the declaration is plainly wrong', async () => {
  expect(await cut([4, 4, 4, 4, 4], 10, 5)).toEqual(counted(20));
  expect(await cut([20], 0, 5)).toEqual(counted(20));
  expect(await cut([8, 3, 3, 3, 3], 10, 5)).toEqual(counted(20));
});
