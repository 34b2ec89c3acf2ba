import { describe, expect, it } from 'vitest';
import { frameCount, silence, type Planar } from '../dsp/planar.js';
import { PlanarQueue } from '../dsp/planar-queue.js';
import type { Processor } from './processor.js';
import { withStrength } from './strength.js';

/** Multiplies by three and holds the last five frames back until the end. */
function lateTripler(): Processor & { closed: number } {
  const held = new PlanarQueue(1);
  const triple = (block: Planar): Planar => block.map((samples) => samples.map((value) => 3 * value));
  return {
    models: [{ id: 'tripler', level: 'fp32', sha256: 'f'.repeat(64) }],
    closed: 0,
    process(block) {
      held.push(block);
      return Promise.resolve(triple(held.take(Math.max(0, held.frames - 5))));
    },
    flush: () => Promise.resolve(triple(held.take(held.frames))),
    close() {
      this.closed++;
    },
  };
}

describe('strength', () => {
  it('mixes aligned frames although the processor holds some back', async () => {
    const processor = withStrength(lateTripler(), 0.25, 1);
    const given = Float32Array.from({ length: 23 }, (_, n) => n);
    const parts: Planar[] = [];
    for (let at = 0; at < 23; at += 4) parts.push(await processor.process([given.subarray(at, at + 4)]));
    parts.push(await processor.flush());
    expect(parts.flatMap((part) => [...part[0]!])).toEqual([...given].map((value) => 1.5 * value));
    expect(frameCount(parts[0]!)).toBe(0);
  });

  it('of 1 is the processor itself', () => {
    const inner = lateTripler();
    expect(withStrength(inner, 1, 1)).toBe(inner);
  });

  it('shows the model of the processor and closes it', () => {
    const inner = lateTripler();
    const processor = withStrength(inner, 0.5, 1);
    expect(processor.models).toBe(inner.models);
    processor.close();
    expect(inner.closed).toBe(1);
  });

  it('keeps silence', async () => {
    const processor = withStrength(lateTripler(), 0.5, 1);
    const parts = [await processor.process(silence(1, 10)), await processor.flush()];
    expect(parts.flatMap((part) => [...part[0]!]).every((value) => value === 0)).toBe(true);
  });

  it.each([0, -0.1, 1.1, NaN])('of %d is refused', (strength) => {
    expect(() => withStrength(lateTripler(), strength, 1)).toThrow(RangeError);
  });
});
