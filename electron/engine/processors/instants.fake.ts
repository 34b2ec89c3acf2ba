import { FakeVoiceHost } from '../voice/voice-host.fake.js';
import { fakeSpeech } from './voice/speech.fake.js';

/** One frame of the voice models: nothing between two of them can be told. */
export const modelFrameSeconds = 0.01;
/** In no rhythm, on no grid, on either side of where a run of the encoder ends, at 4 s. */
export const onsetsSeconds = [0.4173, 0.9131, 1.5007, 2.2399, 3.0501, 3.9977, 4.4119];
const burstSeconds = 0.15;
const lengthSeconds = 5;
/** Between bursts it stays above the gate, 20 dB down: what is aligned is what is said, not when the gate opens. */
const between = 0.1;
/** Mel bands that a recording of any rate has. */
const bands = 40;

/** @returns a voice that is suddenly louder at every one of {@link onsetsSeconds}, [samples] */
export function burstsOfSpeech(sampleRateHz: number): Float32Array {
  const voice = fakeSpeech(lengthSeconds, sampleRateHz, () => 120);
  return voice.map((value, n) => {
    const at = n / sampleRateHz;
    const loud = onsetsSeconds.some((onset) => at >= onset && at < onset + burstSeconds);
    return loud ? value : between * value;
  });
}

/** @returns a host whose nets say nothing but when it is loud: the encoder writes it into z, the synthesis makes noise there */
export function instantHost(): FakeVoiceHost {
  return new FakeVoiceHost({
    encoder: ({ mel }) => {
      const frames = mel!.shape[2]!;
      const loudness = Array.from({ length: frames }, (_, t) => {
        let sum = 0;
        for (let band = 0; band < bands; band++) sum += mel!.data[band * frames + t]!;
        return sum / bands;
      });
      // Half of a burst's power is .7 below it in natural logarithms.
      const threshold = Math.max(...loudness) - 0.7;
      const codes = frames / 2;
      const z = new Float32Array(64 * codes);
      loudness.forEach((value, t) => {
        z[(t % 2) * codes + (t >> 1)] = value > threshold ? 1 : 0;
      });
      return z;
    },
    synthesis: ({ z }) => {
      const codes = z!.shape[2]!;
      const frames = 2 * codes;
      const filters = new Float32Array(1440 * frames).fill(-12);
      for (let t = 0; t < frames; t++) {
        const loud = z!.data[(t % 2) * codes + (t >> 1)]! > 0.5;
        for (let k = 0; k < 480; k++) filters[(960 + k) * frames + t] = loud ? -1 : -7;
      }
      return filters;
    },
  });
}

/** @returns seconds at which `samples` are suddenly loud, from their rms over 6 ms */
export function onsetsIn(samples: Float32Array, sampleRateHz: number): number[] {
  const half = Math.round(0.003 * sampleRateHz);
  let sum = 0;
  const powers = Float64Array.from(samples, (_, n) => {
    sum += (samples[n + half] ?? 0) ** 2 - (samples[n - half - 1] ?? 0) ** 2;
    return sum;
  });
  const loudest = powers.reduce((most, power) => Math.max(most, power), 0);
  const found: number[] = [];
  let loud = false;
  powers.forEach((power, n) => {
    if (!loud && power > 0.15 * loudest) found.push(n / sampleRateHz);
    // Noise is uneven: only what is far below has ended.
    loud = loud ? power > 0.01 * loudest : power > 0.15 * loudest;
  });
  return found;
}
