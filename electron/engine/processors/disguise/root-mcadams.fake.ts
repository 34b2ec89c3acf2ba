/** A complex number, [re, im]. */
export type Complex = readonly [re: number, im: number];

const minus = (a: Complex, b: Complex): Complex => [a[0] - b[0], a[1] - b[1]];
const times = (a: Complex, b: Complex): Complex => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
const over = (a: Complex, b: Complex): Complex => {
  const power = b[0] * b[0] + b[1] * b[1];
  return [(a[0] * b[0] + a[1] * b[1]) / power, (a[1] * b[0] - a[0] * b[1]) / power];
};

/** Rounding keeps close roots moving by less than this. */
const settledStep = 1e-10;

/**
 * All roots of a polynomial, by Aberth's iteration.
 * @param coefficients  real, highest power first; the first is 1
 * @throws Error when it does not settle
 */
export function polynomialRoots(coefficients: ArrayLike<number>): Complex[] {
  const degree = coefficients.length - 1;
  // Not symmetric about the real axis, so that no two guesses run into each other.
  let roots = Array.from({ length: degree }, (_, i): Complex => {
    const angle = (2 * Math.PI * i) / degree + 0.4;
    return [0.9 * Math.cos(angle), 0.9 * Math.sin(angle)];
  });
  for (let turn = 0; turn < 500; turn++) {
    let largestStep = 0;
    roots = roots.map((root, i) => {
      let value: Complex = [1, 0];
      let slope: Complex = [0, 0];
      for (let k = 1; k <= degree; k++) {
        slope = times(slope, root);
        slope = [slope[0] + value[0], slope[1] + value[1]];
        value = times(value, root);
        value = [value[0] + coefficients[k]!, value[1]];
      }
      if (value[0] === 0 && value[1] === 0) return root;
      const newton = over(value, slope);
      let pull: Complex = [0, 0];
      roots.forEach((other, j) => {
        if (j === i) return;
        const each = over([1, 0], minus(root, other));
        pull = [pull[0] + each[0], pull[1] + each[1]];
      });
      const step = over(newton, minus([1, 0], times(newton, pull)));
      largestStep = Math.max(largestStep, Math.hypot(...step));
      return minus(root, step);
    });
    if (largestStep < settledStep) return roots;
  }
  throw new Error('Expected the roots to settle.');
}

/** Roots this close to the real axis are real: their imaginary part is rounding. */
const realTolerance = 1e-7;

/**
 * McAdams' transformation as it was defined: complex poles turn from angle phi to phi^alpha, real ones stay.
 * @param poles  inside the unit circle, in conjugate pairs
 */
export function turnedPoles(poles: readonly Complex[], alpha: number): Complex[] {
  return poles.map(([re, im]): Complex => {
    if (Math.abs(im) < realTolerance) return [re, 0];
    const radius = Math.hypot(re, im);
    const angle = Math.sign(im) * Math.abs(Math.atan2(im, re)) ** alpha;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** @returns the level of 1 / |A| in dB at `angle`, A having these roots */
export function allPoleDb(poles: readonly Complex[], angle: number): number {
  return -poles.reduce(
    (sum, [re, im]) => sum + 20 * Math.log10(Math.hypot(Math.cos(angle) - re, Math.sin(angle) - im)),
    0,
  );
}
