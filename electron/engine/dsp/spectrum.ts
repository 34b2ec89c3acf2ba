/**
 * Adds the power of each bin: power[k] += |spectrum[k]|^2.
 * @param spectrum  interleaved re/im, [2 * bins or more]; not modified
 * @param power     [bins or more]; changed in place
 */
export function addPower(spectrum: Float32Array, power: Float32Array, bins: number): void {
  for (let k = 0; k < bins; k++) {
    const re = spectrum[2 * k]!;
    const im = spectrum[2 * k + 1]!;
    power[k]! += re * re + im * im;
  }
}

/**
 * Turns powers into magnitudes: values[k] = sqrt(values[k]) * scale.
 * @param values  [bins or more]; changed in place
 * @returns the sum of the magnitudes: not finite where one of them is no number
 */
export function toMagnitudes(values: Float32Array, bins: number, scale: number): number {
  let sum = 0;
  for (let k = 0; k < bins; k++) {
    const magnitude = Math.sqrt(values[k]!) * scale;
    values[k] = magnitude;
    sum += magnitude;
  }
  return sum;
}

/**
 * Applies a real gain to each bin: spectrum[k] *= gains[k].
 * @param spectrum  interleaved re/im, [2 * bins or more]; changed in place
 * @param gains     [bins or more]
 */
export function multiplyBins(spectrum: Float32Array, gains: Float32Array, bins: number): void {
  for (let k = 0; k < bins; k++) {
    const gain = gains[k]!;
    spectrum[2 * k]! *= gain;
    spectrum[2 * k + 1]! *= gain;
  }
}

/**
 * @param matrix  row-major, [rows][columns], perhaps with more behind
 * @returns row-major, [columns][rows]; a new array
 */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (let column = 0; column < columns; column++) result[column * rows + row] = matrix[start + column]!;
  }
  return result;
}
