import { describe, expect, it } from 'vitest';
import { MagnitudeHistory } from './magnitude-history.js';

/** Puts frames whose every bin holds the frame's number. */
function put(history: MagnitudeHistory, from: number, to: number): void {
  for (let t = from; t < to; t++) history.nextRow().fill(t);
}

describe('the magnitude history', () => {
  it('starts without context and repeats the last frames from then on', () => {
    const history = new MagnitudeHistory(2, 3, 5);
    put(history, 0, 5);
    expect(history.newFrames).toBe(5);
    const first = history.takeChunk();
    expect(first.contextFrames).toBe(0);
    expect(first.magnitude.shape).toEqual([1, 2, 5]);
    expect([...first.magnitude.data]).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
    put(history, 5, 7);
    const second = history.takeChunk();
    expect(second.contextFrames).toBe(3);
    expect([...second.magnitude.data]).toEqual([2, 3, 4, 5, 6, 2, 3, 4, 5, 6]);
  });

  it('carries all there is while less has passed than a model looks back', () => {
    const history = new MagnitudeHistory(1, 3, 1);
    const chunks = [0, 1, 2, 3, 4].map((t) => {
      put(history, t, t + 1);
      return [...history.takeChunk().magnitude.data];
    });
    expect(chunks).toEqual([[0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [1, 2, 3, 4]]);
  });
});
