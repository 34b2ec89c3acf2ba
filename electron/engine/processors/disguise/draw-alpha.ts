import { randomInt } from 'node:crypto';
import { alphaRange } from '../../../contract/chain.js';

const steps = 2 ** 32;

/**
 * Draws the exponent of one export, evenly, from the system's random source. It is kept nowhere: who knew it could turn the
 * resonances back.
 * @param draw  for tests: a whole number from 0 to below its argument
 */
export function drawAlpha(draw: (below: number) => number = (below) => randomInt(below)): number {
  const { from, to } = alphaRange;
  return from + (to - from) * (draw(steps) / steps);
}
