import type { PlanarSamples } from '../dsp/planar.js';

/** The largest magnitude of a float32. */
const largestFloat32 = (2 - 2 ** -23) * 2 ** 127;

/**
 * A float file may hold NaN, infinities, and as float64 values that no float32 holds. A pass through keeps them; a meter would
 * never recover from one, and a player would play it at full force.
 * @param block  planar, [channels][frames]; not modified
 * @returns `block` itself when all of it can be heard; else a copy with silence in place of what cannot
 */
export function playable(block: PlanarSamples): PlanarSamples {
  if (block.every(isPlayable)) return block;
  // A union of arrays has no map of its own.
  return (block as (Float32Array | Float64Array)[]).map(silenced) as PlanarSamples;
}

function isPlayable(samples: Float32Array | Float64Array): boolean {
  let largest = 0;
  let spoilt = 0;
  // By index: an iterator over a typed array costs about ten times as much, and every sample comes by here.
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    const magnitude = value < 0 ? -value : value;
    if (magnitude > largest) largest = magnitude;
    spoilt += value * 0; // stays 0 for numbers, becomes NaN for everything else
  }
  return spoilt === 0 && largest <= largestFloat32;
}

function silenced(samples: Float32Array | Float64Array): Float32Array | Float64Array {
  const copy = samples.slice();
  for (let i = 0; i < copy.length; i++) if (!(Math.abs(copy[i]!) <= largestFloat32)) copy[i] = 0;
  return copy;
}
