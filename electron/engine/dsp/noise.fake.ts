/**
 * Repeatable pseudo-random test signal (mulberry32).
 * @param seed  same seed, same signal
 * @returns [samples], uniform in +-amplitude
 */
export function whiteNoise(samples: number, seed: number, amplitude = 1): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: samples }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1) * amplitude;
  });
}

/** @returns a sine, [samples] */
export function sine(
  samples: number,
  frequencyHz: number,
  sampleRateHz: number,
  amplitude: number,
): Float32Array {
  const step = (2 * Math.PI * frequencyHz) / sampleRateHz;
  return Float32Array.from({ length: samples }, (_, n) => amplitude * Math.sin(step * n));
}
