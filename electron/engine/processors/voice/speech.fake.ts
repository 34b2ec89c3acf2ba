/**
 * A voice-like sound: harmonics under two resonances, for as long as somebody talks.
 * @param f0Hz   of an instant in seconds
 * @param talks  whether somebody talks at an instant
 * @returns [samples], at about rms 0.1 while talking, exactly 0 elsewhere
 */
export function fakeSpeech(
  seconds: number,
  sampleRateHz: number,
  f0Hz: (at: number) => number,
  talks: (at: number) => boolean = () => true,
): Float32Array {
  let phase = 0;
  return Float32Array.from({ length: Math.round(seconds * sampleRateHz) }, (_, n) => {
    const at = n / sampleRateHz;
    const f0 = f0Hz(at);
    phase += f0 / sampleRateHz;
    if (!talks(at)) return 0;
    let value = 0;
    for (let harmonic = 1; harmonic * f0 < Math.min(4000, 0.45 * sampleRateHz); harmonic++) {
      const frequency = harmonic * f0;
      const gain =
        1 / (1 + ((frequency - 600) / 150) ** 2) + 0.5 / (1 + ((frequency - 1500) / 200) ** 2) + 0.02;
      value += gain * Math.cos(2 * Math.PI * harmonic * phase);
    }
    return 0.08 * value;
  });
}

/** @returns root mean square */
export function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
}
