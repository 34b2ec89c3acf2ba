/** Kind of a PFFFT plan: real signals, or interleaved complex ones. */
export type PlanKind = 'real' | 'complex';

/** Smallest granule of PFFFT's SIMD plans: 2 * 4^2 for real, 4^2 for complex transforms. */
const planGranule: Readonly<Record<PlanKind, number>> = { real: 32, complex: 16 };

/** @returns whether PFFFT has a plan for `size`: a multiple of its granule with no prime factor but 2, 3 and 5 */
export function hasPlan(size: number, kind: PlanKind): boolean {
  if (!Number.isInteger(size) || size <= 0 || size % planGranule[kind] !== 0) return false;
  let rest = size;
  for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
  return rest === 1;
}

/** @returns the smallest size >= `atLeast` that PFFFT has a plan for */
export function nextPlanSize(atLeast: number, kind: PlanKind): number {
  const granule = planGranule[kind];
  let size = Math.max(granule, Math.ceil(atLeast / granule) * granule);
  while (!hasPlan(size, kind)) size += granule;
  return size;
}
