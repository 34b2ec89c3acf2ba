/** Samples on either side of a place that its value is made of. */
const reach = 8;
/** Places between two samples for which the kernel is tabulated; between those it is interpolated linearly, 105 dB below. */
const steps = 512;
/** Kaiser window for 90 dB of stopband. */
const beta = 0.1102 * (90 - 8.7);

/**
 * Gives a stream at another rate: sample n of the result lies at the instant n / `toHz` of the given one. Only for sound that holds
 * nothing above a quarter of `fromHz` (it is not what keeps higher frequencies out) and nothing above half of `toHz`, which would
 * alias: the source-filter makes such sound at any rate of its own. Passes up to there within 0.01 dB. Memory does not grow.
 * @see Smith & Gossett 1984, "A flexible sampling-rate conversion method", ICASSP
 */
export class SincInterpolator {
  readonly #step: number;
  readonly #fromHz: number;
  readonly #toHz: number;
  /** h(i / steps) for the distances 0 to `reach` samples and one more */
  readonly #kernel: Float64Array;
  /** given samples from number `#first` on; zeros stand before the start */
  #held = new Float32Array(reach);
  #first = -reach;
  #made = 0;

  constructor(fromHz: number, toHz: number) {
    this.#fromHz = fromHz;
    this.#toHz = toHz;
    this.#step = fromHz / toHz;
    this.#kernel = Float64Array.from({ length: reach * steps + 2 }, (_, i) => kernelAt(i / steps));
  }

  /**
   * @param samples  the next ones; not modified, not kept
   * @returns those of the result that are complete by now; a new array
   */
  push(samples: Float32Array): Float32Array {
    const held = new Float32Array(this.#held.length + samples.length);
    held.set(this.#held);
    held.set(samples, this.#held.length);
    this.#held = held;
    const end = this.#first + held.length;
    let count = Math.max(0, Math.floor((end - reach) / this.#step) + 1 - this.#made);
    // The last place must lie so that `reach` samples follow it.
    while (count > 0 && Math.floor(this.#place(this.#made + count - 1)) + reach >= end) count--;
    return this.#make(count);
  }

  /** @returns what is missing of `samples` in all, zeros standing after the end. Nothing may be pushed after it. */
  finish(samples: number): Float32Array {
    const missing = Math.max(0, samples - this.#made);
    const end = Math.floor(this.#place(this.#made + missing)) + reach + 1;
    const held = new Float32Array(Math.max(this.#held.length, end - this.#first));
    held.set(this.#held);
    this.#held = held;
    return this.#make(missing);
  }

  /** Exact at any length of stream: a product of integers before the one division. */
  #place(n: number): number {
    return (n * this.#fromHz) / this.#toHz;
  }

  #make(count: number): Float32Array {
    const made = new Float32Array(count);
    for (let n = 0; n < count; n++) made[n] = this.#value(this.#place(this.#made + n));
    this.#made += count;
    const drop = Math.min(this.#held.length, Math.floor(this.#place(this.#made)) - reach - this.#first);
    if (drop > 0) {
      this.#held = this.#held.slice(drop);
      this.#first += drop;
    }
    return made;
  }

  #value(place: number): number {
    const centre = Math.floor(place);
    let sum = 0;
    for (let m = centre - reach + 1; m <= centre + reach; m++) {
      const distance = Math.abs(place - m) * steps;
      const at = Math.floor(distance);
      const low = this.#kernel[at]!;
      sum += (low + (distance - at) * (this.#kernel[at + 1]! - low)) * this.#held[m - this.#first]!;
    }
    return sum;
  }
}

/** sinc under a Kaiser window that ends at `reach` samples. */
function kernelAt(distance: number): number {
  if (distance >= reach) return 0;
  const angle = Math.PI * distance;
  const sinc = distance === 0 ? 1 : Math.sin(angle) / angle;
  return (sinc * bessel0(beta * Math.sqrt(1 - (distance / reach) ** 2))) / bessel0(beta);
}

/** Modified Bessel function of the first kind and order 0, by its series. */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
