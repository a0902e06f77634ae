import {
  all,
  any,
  argmax,
  argmin,
  logSoftmax,
  logsumexp,
  max,
  mean,
  min,
  mul,
  prod,
  type ReduceOptions,
  softmax,
  sqrt,
  sum,
  type Tensor,
  tanh,
  variance,
} from '@grad/core';
import type { Draw } from '../scope.ts';
import type { Operation, Operations } from './operation.ts';

function options(x: Tensor, draw: Draw): ReduceOptions {
  const keepdims = draw.flag();
  if (x.ndim === 0) return { keepdims };
  const axis = draw.axis(x);
  const all = x.shape.map((_, i) => i);
  const choices: readonly ReduceOptions['axis'][] = [null, axis, all.slice(1), all.slice(-2)];
  return { keepdims, axis: choices[draw.below(4)] ?? null };
}

/** Elements behind each result. */
function ratio(x: Tensor, y: Tensor): number {
  return Math.max(1, x.size / Math.max(1, y.size));
}

function reduction(f: (x: Tensor, options: ReduceOptions) => Tensor, empty = true): Operation {
  return {
    build(scope, draw) {
      const x = scope.float(draw);
      return x.size === 0 && !empty ? scope.constant([]) : f(x, options(x, draw));
    },
  };
}

/** Sums, products, extrema and what is made of them. */
export const reductions: Operations = {
  sum: reduction((x, o) => {
    const y = sum(x, o);
    return mul(y, 1 / ratio(x, y));
  }),
  mean: reduction(mean, false),
  prod: reduction((x, o) => prod(tanh(x), o)),
  max: reduction(max, false),
  min: reduction(min, false),
  variance: reduction((x, o) => variance(x, o).mul(0.25), false),
  std: reduction((x, o) => sqrt(variance(x, o).add(0.25)), false),
  logsumexp: reduction((x, o) => logsumexp(x, o).mul(0.5), false),
  argmax: reduction((x, { axis }) => argmax(x, typeof axis === 'number' ? { axis } : {}), false),
  argmin: reduction((x, { axis }) => argmin(x, typeof axis === 'number' ? { axis } : {}), false),
  softmax: {
    build(scope, draw) {
      const x = scope.array(draw);
      return x.size === 0 ? x : softmax(x, { axis: draw.axis(x) });
    },
  },
  logSoftmax: {
    build(scope, draw) {
      const x = scope.array(draw);
      return x.size === 0 ? x : scope.tame(logSoftmax(x, { axis: draw.axis(x) }));
    },
  },
  allOrAny: {
    build(scope, draw) {
      const x = scope.bool(draw);
      return draw.flag() ? all(x, options(x, draw)) : any(x, options(x, draw));
    },
  },
  sumOfWhole: {
    build(scope, draw) {
      const x = scope.int(draw);
      return draw.flag() || x.size === 0 ? sum(x, options(x, draw)) : max(x, options(x, draw));
    },
  },
};
