/** The rate at which pulses and noise have unit power; the filters of the voice stage were learnt there. */
export const referenceRateHz = 24_000;
const cutoffHz = 11_000;
const halfWidthSeconds = 0.001;

/** @returns samples on either side of a pulse that may hold some of it */
export function pulseReach(sampleRateHz: number): number {
  return Math.ceil(halfWidthSeconds * sampleRateHz);
}

/**
 * Band-limited pulses at any F0: each stands between samples where the phase passes a whole turn, as a windowed sinc of 2 ms, with an
 * amplitude that makes the power independent of F0 and of the sample rate.
 *
 * Steps 2 and 3 of `native-models/common/sotto_models/voice/source_filter.py`. The phase is float64, or it would drift over hours.
 */
export class PulseTrain {
  readonly #rate: number;
  readonly #reach: number;
  /** of {@link cutoffHz}; in proportion below 24 kHz */
  readonly #cutoff: number;
  #phase = 0;

  constructor(sampleRateHz: number) {
    this.#rate = sampleRateHz;
    this.#reach = pulseReach(sampleRateHz);
    this.#cutoff = Math.min(cutoffHz, (sampleRateHz * cutoffHz) / referenceRateHz);
  }

  /** Goes on to the next sample, where nobody speaks. */
  rest(): void {
    this.#phase = 0;
  }

  /**
   * Goes on to the next sample, a voiced one, and adds the pulse that it completes, if any.
   * @param f0Hz     above 0, below a quarter of the sample rate
   * @param n        number of the sample
   * @param samples  samples from number `origin` on; a pulse reaches {@link pulseReach} + 1 to both sides of `n`
   */
  advance(f0Hz: number, n: number, samples: Float32Array, origin: number): void {
    this.#phase += f0Hz / this.#rate;
    if (this.#phase < 1) return;
    this.#phase -= 1;
    this.#add(n - (this.#phase * this.#rate) / f0Hz, Math.sqrt(referenceRateHz / f0Hz), samples, origin);
  }

  #add(time: number, amplitude: number, samples: Float32Array, origin: number): void {
    const centre = Math.floor(time);
    const first = Math.max(centre - this.#reach, 0);
    const height = (amplitude * 2 * this.#cutoff) / referenceRateHz;
    for (let m = first; m <= centre + this.#reach + 1; m++) {
      const seconds = (m - time) / this.#rate;
      if (Math.abs(seconds) >= halfWidthSeconds) continue;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * seconds) / halfWidthSeconds);
      samples[m - origin]! += height * sinc(2 * this.#cutoff * seconds) * window;
    }
  }
}

function sinc(value: number): number {
  const angle = Math.PI * value;
  return Math.abs(angle) < 1e-9 ? 1 : Math.sin(angle) / angle;
}
