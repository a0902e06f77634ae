import type { Findings } from './examine.ts';

/** What is allowed, relative to the largest element. Differences have errors of their own. */
export const limits = { differences: 1e-7, jit: 1e-12, vmap: 1e-10, modes: 1e-9 } as const;

/** Every measure of a composition with its limit. */
export function measures(found: Findings): { what: string; error: number; limit: number }[] {
  const relative = (a: number, b: number): number => Math.abs(a / b - 1);
  const { apart, slope, slopeByDifferences, curvature, curvatureByDifferences } = found;
  const { differences } = limits;
  return [
    { what: 'gradient', error: relative(slope, slopeByDifferences), limit: differences },
    {
      what: 'product with the Hessian',
      error: relative(curvature, curvatureByDifferences),
      limit: differences,
    },
    { what: 'jit', error: apart.jit, limit: limits.jit },
    { what: 'vmap', error: apart.vmap, limit: limits.vmap },
    { what: 'reverse over reverse mode', error: apart.modes, limit: limits.modes },
  ];
}
