import { mul, sqrt, stopGradient, type Tensor, where } from '@grad/core';
import { advanced, combination } from './combination.ts';
import type { AdaptiveMethod, Slope } from './method.ts';
import type { Tableau } from './tableau.ts';

/** The stages of a step: each slope, and the last point at which one was taken. */
function stagesOf(
  f: Slope,
  {
    t,
    y,
    first,
    h,
  }: { readonly t: Tensor; readonly y: Tensor; readonly first: Tensor; readonly h: Tensor },
  { c, a }: Pick<Tableau, 'c' | 'a'>,
): { readonly slopes: readonly Tensor[]; readonly point: Tensor } {
  const slopes = [first];
  let point = y;
  a.forEach((row, i) => {
    point = advanced(y, h, row, slopes);
    slopes.push(f(t.add(mul(h, c[i + 1] ?? 0)), point));
  });
  return { slopes, point };
}

/** An explicit Runge-Kutta pair. */
export function explicitMethod(name: string, tableau: Tableau): AdaptiveMethod {
  const { errorOrder, b, errors, dense, denseA = [], denseC = [] } = tableau;
  return {
    name,
    errorOrder,
    controller: tableau.controller,
    stages: b.length + 1,
    evaluations: b.length,
    realStability: tableau.realStability,
    start: (slope) => [slope],

    step: (f, t, y, [given], h) => {
      const first = given ?? f(t, y);
      const { slopes, point } = stagesOf(f, { t, y, first, h }, tableau);
      const end = advanced(y, h, b, slopes);
      const last = f(t.add(h), end);
      const stages = [...slopes, last];
      const before = slopes.at(-1) ?? first;
      return {
        y: end,
        memory: [last],
        stages,
        errors: errors.map((weights) => combination(weights, stages).mul(h)),
        stiffness: slopeRatio(last, before, end, point).mul(stopGradient(h).abs()),
      };
    },

    interpolant: (f, { t, y, h, stages }) => {
      const all = [...stages];
      denseA.forEach((row, i) => {
        all.push(f(t.add(mul(h, denseC[i] ?? 0)), advanced(y, h, row, all)));
      });
      const powers = dense[0]?.map((_, power) => dense.map((of) => of[power] ?? 0)) ?? [];
      return powers.map((weights) => combination(weights, all).mul(h));
    },
  };
}

/**
 * |f(end) - f(point)| / |end - point| for two points at the end of the step: the Jacobian's gain along
 * a direction in which stiff parts dominate (Hairer and Wanner 1996, section IV.2).
 */
function slopeRatio(last: Tensor, before: Tensor, end: Tensor, point: Tensor): Tensor {
  const square = (x: Tensor): Tensor => stopGradient(x).square().sum();
  const apart = square(end.sub(point));
  return sqrt(square(last.sub(before)).div(where(apart.gt(0), apart, 1)));
}
