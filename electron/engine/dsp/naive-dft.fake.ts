/** The real transform by its definition, in float64: interleaved re/im, [size + 2]. */
export function naiveDft(time: Float32Array): Float64Array {
  const size = time.length;
  const spectrum = new Float64Array(size + 2);
  const cosine = Float64Array.from({ length: size }, (_, n) => Math.cos((2 * Math.PI * n) / size));
  const sine = Float64Array.from({ length: size }, (_, n) => Math.sin((2 * Math.PI * n) / size));
  for (let k = 0; k <= size / 2; k++) {
    for (let n = 0; n < size; n++) {
      spectrum[2 * k]! += time[n]! * cosine[(k * n) % size]!;
      spectrum[2 * k + 1]! -= time[n]! * sine[(k * n) % size]!;
    }
  }
  return spectrum;
}

/** @returns the largest |a[i] - b[i]| */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
