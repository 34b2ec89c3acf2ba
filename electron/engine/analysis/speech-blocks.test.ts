import { describe, expect, it } from 'vitest';
import { laneCount } from './lanes.js';
import { speechBlocks } from './speech-blocks.js';

/** @param speech  speech probability of each frame, ten frames a second */
function lanesOf(speech: readonly number[]): { frames: number; frameSeconds: number; values: Float32Array } {
  const values = new Float32Array(speech.length * laneCount);
  speech.forEach((value, t) => (values[t * laneCount] = value));
  return { frames: speech.length, frameSeconds: 0.1, values };
}

describe('blocks with speech', () => {
  it('are those of which at least half is speech', () => {
    const lanes = lanesOf([0, 0, 1, 1, 1, 1, 0, NaN, NaN, NaN]);
    expect([...speechBlocks(lanes, 0.1, 0.4, 7)]).toEqual([1, 1, 1, 1, 1, 0, 0]);
    // The first of them begins at 0 with two frames of four.
    expect([...speechBlocks(lanesOf([0, 0, 1, 0.49, 0]), 0.1, 0.4, 2)]).toEqual([0, 0]);
  });

  it('are none where nothing is known, nor beyond the last frame', () => {
    expect([...speechBlocks(lanesOf([NaN, NaN, NaN]), 0.1, 0.4, 3)]).toEqual([0, 0, 0]);
    expect([...speechBlocks(lanesOf([1]), 0.1, 0.4, 3)]).toEqual([1, 0, 0]);
  });
});
