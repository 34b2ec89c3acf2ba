import { describe, expect, it } from 'vitest';
import { ContextChunks, type ContextChunk } from './context-chunks.js';

const context = 3;

/** Sums every row with those up to `context` away; zeros stand outside. */
function sums(rows: Float32Array): number[] {
  return Array.from(rows, (_, t) =>
    rows.subarray(Math.max(0, t - context), t + context + 1).reduce((sum, value) => sum + value, 0),
  );
}

describe('chunks with context', () => {
  it.each([0, 1, 2, 3, 4, 5, 7, 8, 9, 20, 41])('of %i rows together equal one long run', (count) => {
    const rows = Float32Array.from({ length: count }, (_, t) => (t * 37) % 11);
    for (const chunkFrames of [1, 2, 5, 100]) {
      const chunks = new ContextChunks(1, context, chunkFrames);
      const found: number[] = [];
      const run = ({ rows: held, frames, before, wanted }: ContextChunk): void => {
        expect(held).toHaveLength(frames);
        found.push(...sums(held).slice(before, before + wanted));
      };
      for (const row of rows) {
        chunks.nextRow()[0] = row;
        if (chunks.ready) run(chunks.take());
      }
      const rest = chunks.takeRest();
      if (rest) run(rest);
      expect(found).toEqual(sums(rows));
      expect(chunks.takeRest()).toBeNull();
    }
  });
});
