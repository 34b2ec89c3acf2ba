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
  return samples instanceof Float32Array ? isFinite32(samples) : isFinite64(samples);
}

/**
 * Every sample comes by here: a loop for each kind of array, because one for both costs four times as much (and an iterator ten
 * times), and two sums, because each addition waits for the one before.
 */
function isFinite32(samples: Float32Array): boolean {
  let even = 0;
  let odd = 0;
  const last = samples.length - 1;
  for (let i = 0; i < last; i += 2) {
    // Stays 0 for numbers, becomes NaN for everything else.
    even += samples[i]! * 0;
    odd += samples[i + 1]! * 0;
  }
  if (last >= 0) even += samples[last]! * 0;
  return even + odd === 0;
}

function isFinite64(samples: Float64Array): boolean {
  let largest = 0;
  let spoilt = 0;
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    const magnitude = value < 0 ? -value : value;
    if (magnitude > largest) largest = magnitude;
    spoilt += value * 0;
  }
  return spoilt === 0 && largest <= largestFloat32;
}

function silenced(samples: Float32Array | Float64Array): Float32Array | Float64Array {
  const copy = samples.slice();
  for (let i = 0; i < copy.length; i++) if (!(Math.abs(copy[i]!) <= largestFloat32)) copy[i] = 0;
  return copy;
}
