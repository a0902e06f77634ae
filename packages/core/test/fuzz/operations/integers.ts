import {
  add,
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  eq,
  isfinite,
  isnan,
  leftShift,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  mod,
  mul,
  ne,
  nonzero,
  oneHot,
  random,
  rightShift,
  rightShiftLogical,
  stopGradient,
  sub,
  type Tensor,
  where,
} from '@grad/core';
import { wholeNumber } from '../scope.ts';
import type { Operation, Operations } from './operation.ts';

function both(f: (x: Tensor, y: Tensor) => Tensor): Operation {
  return {
    build(scope, draw) {
      const x = scope.int(draw);
      return f(x, scope.fit(scope.int(draw), x.shape));
    },
  };
}

function masks(f: (x: Tensor, y: Tensor) => Tensor): Operation {
  return {
    build(scope, draw) {
      const x = scope.bool(draw);
      return f(x, scope.fit(scope.bool(draw), x.shape));
    },
  };
}

/** Whole numbers and masks, and the ways from floats to them and back. */
export const integers: Operations = {
  addWhole: both(add),
  subWhole: both(sub),
  mulWhole: both(mul),
  modWhole: both((x, y) => mod(x, where(y.eq(0), 3, y))),
  maximumWhole: both(maximum),
  and: both(bitwiseAnd),
  or: both(bitwiseOr),
  xor: both((x, y) => bitwiseXor(x, bitwiseNot(y))),
  shift: {
    build(scope, draw) {
      const by = draw.below(34) - 1;
      return draw.of(leftShift, rightShift, rightShiftLogical)(scope.int(draw), by);
    },
  },
  whole: { build: (scope, draw) => wholeNumber(scope.float(draw)) },
  ofWhole: {
    build: (scope, draw) => mod(scope.int(draw), 7).sub(3).astype(scope.dtype).mul(0.5),
  },
  less: {
    build(scope, draw) {
      const x = scope.float(draw);
      const y = scope.partner(x, draw);
      return draw.of(x.lt(y), x.le(y), x.gt(y), x.ge(y));
    },
  },
  equal: both((x, y) => eq(x, y)),
  different: { build: (scope, draw) => ne(mod(scope.int(draw), 3), 1) },
  logical: masks((x, y) => logicalOr(logicalAnd(x, y), logicalNot(y))),
  finite: {
    build(scope, draw) {
      const x = scope.float(draw);
      return draw.flag() ? isnan(x) : isfinite(x);
    },
  },
  whereWhole: {
    build(scope, draw) {
      const x = scope.int(draw);
      return where(scope.fit(scope.bool(draw), x.shape), x, scope.fit(scope.int(draw), x.shape));
    },
  },
  oneHot: {
    build: (scope, draw) => oneHot(scope.index(draw, 4), 1 + draw.below(4), { dtype: scope.dtype }),
  },
  nonzero: {
    build(scope, draw) {
      const x = scope.numeric(draw);
      return x.ndim === 0 ? x : nonzero(x, { size: draw.below(4), fill: draw.below(3) });
    },
  },
  random: {
    build(scope, draw) {
      const key = random.foldIn(random.key(draw.below(100)), scope.fit(scope.int(draw), []));
      return random.uniform(key, draw.of<readonly number[]>([], [3]), {
        dtype: scope.dtype,
        low: -1,
      });
    },
  },
  constantOf: { build: (scope, draw) => stopGradient(mul(scope.float(draw), 0)) },
};
