import * as maths from '../kernel/maths/functions.ts';
import { tangentMul } from './arithmetic.ts';
import type { CallablePrimitive } from './define.ts';
import { smooth } from './elementary.ts';
import { pointSamples } from './samples.ts';

type Unary = CallablePrimitive<1, object>;

/** Hyperbolic sine. */
export const sinh: Unary = smooth(
  maths.sinh,
  { from: -3, to: 3 },
  (x) => {
    const slope = cosh(x);
    return [sinh(x), (dx) => tangentMul(slope, dx)];
  },
  Math.sinh,
  [pointSamples('small and large arguments', [1e-10, -1e-5, 88, -700, 710.4, -711])],
);

/** Hyperbolic cosine. */
export const cosh: Unary = smooth(
  maths.cosh,
  { from: -3, to: 3 },
  (x) => {
    const slope = sinh(x);
    return [cosh(x), (dx) => tangentMul(slope, dx)];
  },
  Math.cosh,
  [pointSamples('small and large arguments', [1e-10, -1e-5, 88, -700, 710.4, -711])],
);
