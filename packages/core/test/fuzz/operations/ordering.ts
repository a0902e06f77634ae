import {
  argsort,
  cummax,
  cummin,
  cumprod,
  cumsum,
  mul,
  searchsorted,
  sort,
  type Tensor,
  tanh,
  topK,
} from '@grad/core';
import type { Draw, Scope } from '../scope.ts';
import type { Operation, Operations } from './operation.ts';

function running(f: (x: Tensor, options: { axis: number; reverse: boolean }) => Tensor): Operation {
  return {
    build(scope, draw) {
      const x = scope.array(draw);
      return f(x, { axis: draw.axis(x), reverse: draw.flag() });
    },
  };
}

function sortable(
  scope: Scope,
  draw: Draw,
): [x: Tensor, options: { axis: number; descending: boolean }] {
  const x = scope.array(draw);
  return [x, { axis: draw.axis(x), descending: draw.flag() }];
}

/** Sorting and running results. */
export const ordering: Operations = {
  cumsum: running((x, o) => mul(cumsum(x, o), 1 / Math.max(1, x.shape.at(o.axis) ?? 1))),
  cumprod: running((x, o) => cumprod(tanh(x), o)),
  cummax: running(cummax),
  cummin: running(cummin),
  cumsumOfWhole: {
    build(scope, draw) {
      const x = scope.int(draw);
      return x.ndim === 0 ? x : cumsum(x, { axis: draw.axis(x), reverse: draw.flag() });
    },
  },
  sort: { build: (scope, draw) => sort(...sortable(scope, draw)) },
  argsort: { build: (scope, draw) => argsort(...sortable(scope, draw)) },
  sortWithPayload: {
    build(scope, draw) {
      const [x, options] = sortable(scope, draw);
      const payload = [scope.fit(scope.any(draw), x.shape)];
      return sort(x, { ...options, payload });
    },
  },
  topK: {
    build(scope, draw) {
      const x = scope.array(draw);
      const axis = draw.axis(x);
      return topK(x, draw.below((x.shape.at(axis) ?? 0) + 1), { axis });
    },
  },
  searchsorted: {
    build(scope, draw) {
      const x = scope.float(draw);
      const line = sort(x.reshape([x.size]));
      return searchsorted(line, scope.float(draw), { side: draw.of('left', 'right') });
    },
  },
};
